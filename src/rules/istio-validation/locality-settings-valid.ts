import { DESTINATION_RULE } from '../../mesh/istio/kinds.ts';
import { itemsAt, listAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import type { Body, FieldPath, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging, under } from './_flaws.ts';
import { localityProblem } from './_localities.ts';
import { trafficPolicies } from './_traffic-policies.ts';

export const localitySettingsValid: Rule = {
  meta: {
    id: 'istio-validation/locality-settings-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.DestinationRule'],
    severity: 'error',
    summary: 'Traffic is distributed among localities that do not overlap, and fails over between regions.',
    why: 'Istiod refuses the DestinationRule, so that its policy never takes effect.',
    inputs: [DESTINATION_RULE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/destination-rule/#LocalityLoadBalancerSetting',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    loadBalancer:
      localityLbSetting:
        distribute:
          - from: us-west/zone1/*
            to: { us-west/zone1/*: 80, us-west/zone2/*: 10 }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    loadBalancer:
      localityLbSetting:
        distribute:
          - from: us-west/zone1/*
            to: { us-west/zone1/*: 80, us-west/zone2/*: 20 }
`,
  },
  check: judging(DESTINATION_RULE, flawsOf),
};

/** Labels by which proxies rank endpoints already when regions are named. */
const TOPOLOGY: ReadonlySet<string> = new Set([
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
]);

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { policy, path } of trafficPolicies(body)) {
    const place = [...path, 'loadBalancer'];
    yield* under([...place, 'localityLbSetting'], ofLocality(objectAt(policy, 'loadBalancer', 'localityLbSetting')));
    const zoneAware = objectAt(policy, 'loadBalancer', 'zoneAwareLbSetting');
    yield* under([...place, 'zoneAwareLbSetting'], topologyLabels(zoneAware, 'zone-aware load balancing goes by it already'));
    yield* under([...place, 'zoneAwareLbSetting'], ofFailover(zoneAware));
  }
}

function* ofLocality(setting: Body): Iterable<Flaw> {
  const fails = listAt(setting, 'failover').length > 0;
  if (fails && listAt(setting, 'distribute').length > 0) {
    yield { path: ['failover'], part: 'key', message: 'Both distribute and failover are set.', fix: 'Remove one of them.' };
    return;
  }
  if (fails) yield* topologyLabels(setting, 'failover goes by it already');
  const rules = itemsAt(setting, 'distribute');
  for (const { item, path } of rules) yield* under(path, ofDistribution(item));
  const wrong = localityProblem(
    rules.map(({ item }) => stringAt(item, 'from') ?? ''),
    true,
  );
  if (wrong)
    yield localityFlaw([...(rules[wrong.index]?.path ?? []), 'from'], stringAt(rules[wrong.index]?.item, 'from') ?? '', wrong.problem);
  yield* ofFailover(setting);
}

function* ofDistribution(rule: Body): Iterable<Flaw> {
  const shares = Object.entries(objectAt(rule, 'to')).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  let areAllWhole = true;
  for (const [locality, share] of shares) {
    // What is negative the schema refuses.
    if (share >= 1 && share <= 100) continue;
    areAllWhole = false;
    if (share >= 0)
      yield {
        path: ['to', locality],
        message: `Share ${share} of "${locality}" is not between 1 and 100.`,
        fix: 'Write a share of 100, or remove the locality.',
      };
  }
  const total = shares.reduce((sum, [, share]) => sum + share, 0);
  if (areAllWhole && total !== 100) {
    yield {
      path: ['to'],
      part: 'key',
      message: `The shares from "${stringAt(rule, 'from') ?? ''}" add up to ${total}.`,
      fix: 'Make them add up to 100.',
    };
  }
  const wrong = localityProblem(
    shares.map(([locality]) => locality),
    false,
  );
  const locality = wrong && shares[wrong.index]?.[0];
  if (locality !== undefined) yield { ...localityFlaw(['to', locality], locality, wrong?.problem ?? ''), part: 'key' };
}

function localityFlaw(path: FieldPath, locality: string, problem: string): Flaw {
  return {
    path,
    message: `Locality "${locality}" is not valid: ${problem}.`,
    fix: 'Write "region/zone/subzone", with "*" at the end for any.',
  };
}

function* topologyLabels(setting: Body, reason: string): Iterable<Flaw> {
  for (const { value, path } of stringsAt(setting, 'failoverPriority')) {
    if (!TOPOLOGY.has(value)) continue;
    yield {
      path,
      message: `The list failoverPriority must not name "${value}": ${reason}.`,
      fix: 'Remove the label from failoverPriority.',
    };
  }
}

function* ofFailover(setting: Body): Iterable<Flaw> {
  for (const { item, path } of itemsAt(setting, 'failover')) {
    const [from, to] = [stringAt(item, 'from') ?? '', stringAt(item, 'to') ?? ''];
    if (from === to) yield { path, message: `Region "${from}" fails over to itself.`, fix: 'Name another region in to.' };
    for (const [field, region] of [
      ['from', from],
      ['to', to],
    ] as const) {
      if (!/[/*]/.test(region)) continue;
      yield {
        path: [...path, field],
        message: `"${region}" is no region: failover is between whole regions.`,
        fix: 'Write the name of the region alone.',
      };
    }
  }
}
