/**
 * Keys of conditions.
 * @see https://istio.io/latest/docs/reference/config/security/conditions/
 */
import { address, conditionAccount, filled, port, type ValueCheck, wildcard } from './_request-values.ts';

const CHECKS: ReadonlyMap<string, ValueCheck> = new Map([
  ['source.ip', address],
  ['remote.ip', address],
  ['source.namespace', filled],
  ['source.serviceAccount', conditionAccount],
  ['source.principal', filled],
  ['source.trustDomain', wildcard],
  ['request.auth.principal', filled],
  ['request.auth.audiences', filled],
  ['request.auth.presenter', filled],
  ['destination.ip', address],
  ['destination.port', port],
  ['connection.sni', filled],
]);

/** Keys that name something in brackets: `request.headers[x-user]`. */
const WITH_NAME = ['request.headers', 'request.auth.claims', 'experimental.envoy.filters.'];

/** Keys of Istio before 1.4, and what took their place. */
const OF_OLD: ReadonlyMap<string, string> = new Map([
  ['destination.namespace', 'the namespace of the policy'],
  ['destination.labels', 'the selector of the policy'],
  ['destination.name', 'the selector of the policy'],
  ['destination.user', 'the selector of the policy'],
]);

/** A clause that goes on from "is not an attribute of requests"; undefined for keys that are. */
export function attributeProblem(key: string): string | undefined {
  if (CHECKS.has(key)) return undefined;
  if (WITH_NAME.some((prefix) => key.startsWith(prefix))) {
    const open = key.indexOf('[');
    return open > 0 && key.endsWith(']') && open < key.length - 2 ? undefined : ': it needs a name in brackets';
  }
  for (const [old, instead] of OF_OLD)
    if (key === old || (old.endsWith('labels') && key.startsWith(old))) return `: ${instead} says it now`;
  return '';
}

export function attributeCheck(key: string): ValueCheck {
  return CHECKS.get(key) ?? filled;
}
