import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { isTokenClaim } from '../../mesh/istio/token-claims.ts';
import { appliesToMesh } from '../../mesh/istio/virtual-service.ts';
import { objectAt, stringAt, stringsAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { isAddressOrNetwork } from './_addresses.ts';
import { type Flaw, judging, under } from './_flaws.ts';
import { isMatchable } from './_header-names.ts';
import { labelFlaws } from './_labels.ts';
import { matchesOf, type RouteMatch, textMatchesOf } from './_matches.ts';
import { isDnsLabel } from './_names.ts';
import { optionalPortFlaws } from './_ports.ts';

export const matchConditionsValid: Rule = {
  meta: {
    id: 'istio-validation/match-conditions-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'error',
    summary: 'The matches of a VirtualService name headers, ports, labels and address ranges that can exist.',
    why: 'Istiod refuses the VirtualService, so that its routes never take effect.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - match:
        - headers:
            end user: { exact: jason }
      route:
        - destination: { host: reviews }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - match:
        - headers:
            end-user: { exact: jason }
      route:
        - destination: { host: reviews }
`,
  },
  check: judging(VIRTUAL_SERVICE, flawsOf),
};

function* flawsOf(route: Resource): Iterable<Flaw> {
  const sidecars = appliesToMesh(route);
  for (const match of matchesOf(route.body)) {
    yield* under(match.path, ofMatch(match, sidecars));
  }
}

function* ofMatch({ protocol, item }: RouteMatch, sidecars: boolean): Iterable<Flaw> {
  yield* optionalPortFlaws(item, 'port');
  yield* labelFlaws(item, 'sourceLabels');
  if (protocol !== 'http') {
    for (const { value, path } of stringsAt(item, 'destinationSubnets')) {
      if (isAddressOrNetwork(value)) continue;
      yield {
        path,
        message: `"${value}" is neither an IP address nor a range of them.`,
        fix: 'Write an address, or a range such as "10.0.0.0/8".',
      };
    }
    return;
  }
  yield* headerNames(item, sidecars);
  for (const { match, path, mayBeEmpty } of textMatchesOf(item)) {
    for (const how of mayBeEmpty ? ['regex'] : ['prefix', 'regex']) {
      if (stringAt(match, how) !== '') continue;
      yield {
        path: [...path, how],
        message: `The ${how} for ${path.join(' ')} is empty.`,
        fix: `Write the ${how}, or remove the condition.`,
      };
    }
  }
  const namespace = stringAt(item, 'sourceNamespace');
  if (namespace && !isDnsLabel(namespace)) {
    yield {
      path: ['sourceNamespace'],
      message: `"${namespace}" cannot be the name of a namespace.`,
      fix: 'Write the name of one namespace.',
    };
  }
}

function* headerNames(match: RouteMatch['item'], sidecars: boolean): Iterable<Flaw> {
  for (const field of ['headers', 'withoutHeaders']) {
    for (const name of Object.keys(objectAt(match, field))) {
      const path = [field, name];
      if (sidecars && isTokenClaim(name)) {
        yield {
          path,
          part: 'key',
          message: `"${name}" is a claim of a token, by which only gateways can route, and this VirtualService is for sidecars too.`,
          fix: 'Bind the VirtualService to gateways only.',
        };
      } else if (!isMatchable(name)) {
        yield {
          path,
          part: 'key',
          message: name === '' ? 'The name of a header is empty.' : `"${name}" is not a valid name of a header.`,
          fix: 'Use letters, digits and dashes.',
        };
      }
    }
  }
}
