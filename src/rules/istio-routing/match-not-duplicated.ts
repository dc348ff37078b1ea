import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import type { Resource } from '../../model/resource.ts';
import type { Problem, Rule } from '../../model/rule.ts';
import { conditionOf, matchIndex } from './_http-matches.ts';
import { conditionsKey, type Match, orderedRules, reachableRules } from './_rule-order.ts';
import { inList } from './_wording.ts';

export const matchNotDuplicated: Rule = {
  meta: {
    id: 'istio-routing/match-not-duplicated',
    aliases: ['IST0131'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'info',
    summary: 'Every match of a VirtualService matches requests that no earlier one has taken.',
    why: 'Matches are tried in order, so a match that repeats an earlier one, or is narrower, is never used; its rule may get other requests than meant.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0131/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: storefront, namespace: shop }
spec:
  hosts: [storefront]
  http:
    - match:
        - uri: { prefix: /cart }
      route:
        - destination: { host: cart }
    - match:
        - uri: { prefix: /cart/checkout }
      route:
        - destination: { host: checkout }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: storefront, namespace: shop }
spec:
  hosts: [storefront]
  http:
    - match:
        - uri: { prefix: /cart/checkout }
      route:
        - destination: { host: checkout }
    - match:
        - uri: { prefix: /cart }
      route:
        - destination: { host: cart }
`,
    differs:
      'All conditions are compared, by what they mean: a match without a method is for every method, regular expressions equal only themselves, source labels, gateways, scheme and the case of the path count. Rules that delegate hide nothing. Also found: an exact path, or the same prefix with more conditions, after a wider match of an earlier rule.',
  },
  *check(resources) {
    for (const route of resources.all(VIRTUAL_SERVICE)) {
      yield* httpProblems(route);
      for (const protocol of ['tls', 'tcp'] as const) yield* repeated(route, protocol);
    }
  },
};

function* httpProblems(route: Resource): Iterable<Problem> {
  const earlier = matchIndex();
  for (const rule of reachableRules(orderedRules(route, 'http'))) {
    for (const match of rule.matches) {
      const covering = firstOf(earlier.covering(match), (candidate) => concerns(candidate, match));
      if (covering) yield problem(route, match, covering);
      else if (!rule.delegates) earlier.add(match);
    }
  }
}

/** Within one rule a match too many harms nobody; only prefixes, which look as if they were meant to differ, deserve a word there. */
function concerns(earlier: Match, match: Match): boolean {
  if (earlier.rule !== match.rule || conditionsKey(earlier.item) === conditionsKey(match.item)) return true;
  return conditionOf(earlier.item['uri']).how === 'prefix' && conditionOf(match.item['uri']).how === 'prefix';
}

/** For connections the most specific match counts, not the first, so only equal ones get in each other's way. */
function* repeated(route: Resource, protocol: 'tls' | 'tcp'): Iterable<Problem> {
  const earlier = new Map<string, Match>();
  for (const rule of reachableRules(orderedRules(route, protocol))) {
    for (const match of rule.matches) {
      const key = conditionsKey(match.item);
      const same = earlier.get(key);
      if (same) yield problem(route, match, same);
      else earlier.set(key, match);
    }
  }
}

function problem(route: Resource, match: Match, earlier: Match): Problem {
  const place = (of: Match): string => `${inList('match', route, of.path)} of ${inList('rule', route, of.rule.path)}`;
  const where = earlier.rule === match.rule ? `${inList('match', route, earlier.path)} of the same rule` : place(earlier);
  const subject = place(match).replace(/^m/, 'M');
  const same = conditionsKey(match.item) === conditionsKey(earlier.item);
  return {
    at: route,
    path: match.path,
    message: same
      ? `${subject} repeats ${where}, which comes first.`
      : `${subject}${pathInWords(match)} is never used: ${where}${pathInWords(earlier)} comes first and takes all of its requests.`,
    fix: same || earlier.rule === match.rule ? 'Remove the match.' : 'Put the narrower match first, or remove it.',
  };
}

/** ` (prefix "/cart")`; empty for a match without a condition on the path. */
function pathInWords({ item }: Match): string {
  const { how, value } = conditionOf(item['uri']);
  return how === 'present' ? '' : ` (${how} "${value}")`;
}

function firstOf<T>(values: Iterable<T>, fits: (value: T) => boolean): T | undefined {
  for (const value of values) if (fits(value)) return value;
  return undefined;
}
