import { DESTINATION_RULE } from '../../mesh/istio/kinds.ts';
import { itemsAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging, under } from './_flaws.ts';
import { trafficPolicies } from './_traffic-policies.ts';

export const loadBalancerValid: Rule = {
  meta: {
    id: 'istio-validation/load-balancer-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.DestinationRule'],
    severity: 'error',
    summary: 'Load balancing has a hash that Envoy can compute, and one way to choose among zones.',
    why: 'Istiod refuses the DestinationRule, so that its policy never takes effect.',
    inputs: [DESTINATION_RULE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    loadBalancer:
      consistentHash:
        httpHeaderName: x-user
        maglev: { tableSize: 1000 }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    loadBalancer:
      consistentHash:
        httpHeaderName: x-user
        maglev: { tableSize: 65537 }
`,
  },
  check: judging(DESTINATION_RULE, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { policy, path } of trafficPolicies(body)) {
    const balancer = objectAt(policy, 'loadBalancer');
    yield* under([...path, 'loadBalancer', 'consistentHash'], ofHash(objectAt(balancer, 'consistentHash')));
    yield* under([...path, 'loadBalancer'], ofBalancer(balancer));
  }
}

function* ofBalancer(balancer: Body): Iterable<Flaw> {
  if (isSet(balancer, 'localityLbSetting') && isSet(balancer, 'zoneAwareLbSetting')) {
    yield {
      path: ['zoneAwareLbSetting'],
      part: 'key',
      message: 'Both localityLbSetting and zoneAwareLbSetting are set.',
      fix: 'Remove one of them.',
    };
  }
  // Below 0 the schema speaks.
  if (numberAt(balancer, 'warmup', 'aggression') === 0) {
    yield {
      path: ['warmup', 'aggression'],
      message: 'Field aggression is 0, and must be above.',
      fix: 'Write 1 for a steady rise, or more for a steeper one.',
    };
  }
}

function* ofHash(hash: Body): Iterable<Flaw> {
  if (stringAt(hash, 'httpCookie', 'name') === '') {
    yield { path: ['httpCookie', 'name'], message: 'The name of the cookie is empty.', fix: 'Name the cookie.' };
  }
  const names = new Set<string>();
  for (const { item, path } of itemsAt(hash, 'httpCookie', 'attributes')) {
    const name = stringAt(item, 'name');
    if (name === undefined) continue;
    if (name === '')
      yield { path: [...path, 'name'], message: 'The name of an attribute of the cookie is empty.', fix: 'Name the attribute.' };
    else if (names.has(name))
      yield { path: [...path, 'name'], message: `Attribute "${name}" of the cookie is set twice.`, fix: 'Remove one of them.' };
    names.add(name);
  }
  const algorithm = ['ringHash', 'maglev'].find((field) => isSet(hash, field));
  if ((numberAt(hash, 'minimumRingSize') ?? 0) > 0 && algorithm) {
    yield {
      path: ['minimumRingSize'],
      part: 'key',
      message: `Field minimumRingSize is set beside ${algorithm}.`,
      fix: 'Set the size in ringHash, and remove minimumRingSize.',
    };
  }
  if (!isSet(hash, 'maglev')) return;
  const size = numberAt(hash, 'maglev', 'tableSize') ?? 0;
  if (size > 0 && size < TABLE_LIMIT && isPrime(size)) return;
  yield {
    path: ['maglev', 'tableSize'],
    message: size === 0 ? 'The field maglev has no tableSize.' : `Table size ${size} is no prime number below ${TABLE_LIMIT}.`,
    fix: 'Write a prime number such as 65537, the default of Envoy.',
  };
}

const TABLE_LIMIT = 5_000_011;

/** As Envoy counts, for which 1 is a prime too. */
function isPrime(number: number): boolean {
  if (number < 4) return true;
  if (number % 2 === 0) return false;
  for (let factor = 3; factor * factor <= number; factor += 2) if (number % factor === 0) return false;
  return true;
}
