import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { ROUTE_PROTOCOLS } from '../../mesh/istio/virtual-service.ts';
import type { Resource } from '../../model/resource.ts';
import type { Problem, Rule } from '../../model/rule.ts';
import { conditionsKey, type OrderedRule, orderedRules, reachableRules } from './_rule-order.ts';
import { inList } from './_wording.ts';

export const ruleReachable: Rule = {
  meta: {
    id: 'istio-routing/rule-reachable',
    aliases: ['IST0130'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'warning',
    summary: 'Every rule of a VirtualService leaves requests to the rules after it.',
    why: 'Rules are tried in order, so a rule after one that takes all requests, or all of its own, is never used.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0130/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews, subset: v1 }
    - match:
        - headers: { end-user: { exact: jason } }
      route:
        - destination: { host: reviews, subset: v2 }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - match:
        - headers: { end-user: { exact: jason } }
      route:
        - destination: { host: reviews, subset: v2 }
    - route:
        - destination: { host: reviews, subset: v1 }
`,
    differs:
      'A rule that delegates hides none of those after it, since requests that no route of the delegate matches go on to them; statPrefix does not make two matches differ.',
  },
  *check(resources) {
    for (const route of resources.all(VIRTUAL_SERVICE)) {
      for (const protocol of ROUTE_PROTOCOLS) yield* unreachable(route, orderedRules(route, protocol));
    }
  },
};

function* unreachable(route: Resource, rules: readonly OrderedRule[]): Iterable<Problem> {
  const reachable = reachableRules(rules);
  const taken = new Map<string, OrderedRule>();
  for (const rule of reachable) {
    const keys = rule.matches.map((match) => conditionsKey(match.item));
    const earlier = keys.flatMap((key) => taken.get(key) ?? []);
    if (keys.length > 0 && earlier.length === keys.length) {
      yield {
        at: route,
        path: rule.path,
        message: `${inList('Rule', route, rule.path)} is never used, because ${inList('rule', route, earlier[0]?.path ?? [])} comes first and matches the same requests.`,
        fix: 'Remove the rule, or give it matches of its own.',
      };
    }
    if (rule.delegates) continue;
    for (const key of keys) if (!taken.has(key)) taken.set(key, rule);
  }
  const last = reachable[reachable.length - 1];
  for (const rule of rules.slice(reachable.length)) {
    yield {
      at: route,
      path: rule.path,
      message: `${inList('Rule', route, rule.path)} is never used, because ${inList('rule', route, last?.path ?? [])} has no matches and so takes all requests.`,
      fix: rule.takesAll ? 'Remove one of the two rules, or give the first one matches.' : 'Move the rule without matches to the end.',
    };
  }
}
