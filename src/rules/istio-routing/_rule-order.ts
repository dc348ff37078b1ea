import type { RouteProtocol } from '../../mesh/istio/virtual-service.ts';
import { has, isBody, itemsAt, listAt } from '../../model/body.ts';
import type { Body, FieldPath, Resource } from '../../model/resource.ts';

export interface Match {
  readonly item: Body;
  readonly path: FieldPath;
  readonly rule: OrderedRule;
}

/** An element of `http`, `tls` or `tcp`. Istio takes the first rule that has a matching match, or no matches at all. */
export interface OrderedRule {
  readonly path: FieldPath;
  readonly matches: readonly Match[];
  readonly takesAll: boolean;
  /** Requests that no route of the delegate matches go on to the next rule, so such a rule hides nothing. */
  readonly delegates: boolean;
}

export function orderedRules(route: Resource, protocol: RouteProtocol): readonly OrderedRule[] {
  return itemsAt(route.body, 'spec', protocol).map(({ item, path }) => {
    const matches: Match[] = [];
    const delegates = has(item, 'delegate');
    const rule: OrderedRule = {
      path,
      matches,
      delegates,
      takesAll: !delegates && listAt(item, 'match').length === 0 && !isBody(item['match']),
    };
    for (const match of itemsAt(item, 'match')) matches.push({ item: match.item, path: [...path, ...match.path], rule });
    return rule;
  });
}

/** The rules up to the first that takes all requests, which is included. */
export function reachableRules(rules: readonly OrderedRule[]): readonly OrderedRule[] {
  const last = rules.findIndex((rule) => rule.takesAll);
  return last < 0 ? rules : rules.slice(0, last + 1);
}

/** Equal for matches with the same conditions; names and statistics are none. */
export function conditionsKey(match: Body): string {
  return JSON.stringify(sorted(Object.fromEntries(Object.entries(match).filter(([field]) => field !== 'name' && field !== 'statPrefix'))));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isBody(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
