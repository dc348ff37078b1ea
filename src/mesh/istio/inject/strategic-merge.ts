/**
 * Strategic merge of a partial Pod over a Pod, with lists in the order that Kubernetes' own library comes to: what the
 * patch names stands in the order of the patch, and everything else keeps its place relative to it.
 * @see https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
import { isBody } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { type Field, fieldsOf } from './pod-schema.ts';
import { InjectProblem } from './problem.ts';
import { isSame } from './same.ts';

/** @param struct what both are, as pod-schema.ts names it */
export function strategicMerge(target: Body, patch: Body, struct: string | undefined): Body {
  if (patch['$patch'] === 'replace') return withoutDirectives(patch) as Body;
  if (patch['$patch'] === 'delete') return {};
  const fields = fieldsOf(struct);
  const result: Record<string, unknown> = { ...target };
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith('$')) continue;
    const field = fields?.get(name);
    const own = result[name];
    if (value === null) delete result[name];
    else if (isBody(value) && isBody(own)) result[name] = strategicMerge(own, value, field?.struct);
    else if (Array.isArray(value) && Array.isArray(own) && field?.mergeKey !== undefined) {
      result[name] = mergeLists(own, value, field);
    } else result[name] = withoutDirectives(value);
  }
  for (const [name, gone] of Object.entries(patch)) {
    if (!name.startsWith(DELETED) || !Array.isArray(gone)) continue;
    const list = name.slice(DELETED.length);
    const own = result[list];
    if (Array.isArray(own)) result[list] = own.filter((item) => !gone.some((each) => isSame(each, item)));
  }
  const kept = patch['$retainKeys'];
  if (Array.isArray(kept)) for (const name of Object.keys(result)) if (!kept.includes(name)) delete result[name];
  return result;
}

const DELETED = '$deleteFromPrimitiveList/';

/** What is new is taken as it is, without nulls, which would take away what is not there. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives);
  if (!isBody(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, each]) => each !== null && !name.startsWith('$'))
      .map(([name, each]) => [name, withoutDirectives(each)]),
  );
}

function mergeLists(own: readonly unknown[], patch: readonly unknown[], { name, mergeKey: key = '', struct }: Field): readonly unknown[] {
  if (key === '') return inOrder([...new Set([...own, ...patch])], patch, own, (item) => item);
  const keyOf = (item: unknown): unknown => (isBody(item) ? item[key] : undefined);
  for (const item of [...own, ...patch]) {
    if (keyOf(item) === undefined && !(isBody(item) && item['$patch'] === 'replace')) {
      throw new InjectProblem('merge-failed', `An item of "${name}" cannot be merged, because it has no "${key}".`);
    }
  }
  const replaces = patch.some((item) => isBody(item) && item['$patch'] === 'replace');
  let merged: unknown[] = replaces ? [] : [...own];
  const rest = patch.filter((item) => !(isBody(item) && item['$patch'] === 'replace'));
  for (const item of rest) {
    if (!isBody(item)) continue;
    const index = merged.findIndex((other) => keyOf(other) === keyOf(item));
    if (item['$patch'] === 'delete') merged = merged.filter((other) => keyOf(other) !== keyOf(item));
    else if (index < 0) merged.push(withoutDirectives(item));
    else merged[index] = strategicMerge(merged[index] as Body, item, struct);
  }
  return inOrder(merged, rest, own, keyOf);
}

/** Items that the patch names, in its order; before each of them those that stood before it and are not named. */
function inOrder(
  merged: readonly unknown[],
  patch: readonly unknown[],
  own: readonly unknown[],
  keyOf: (item: unknown) => unknown,
): readonly unknown[] {
  const places = new Map(own.map((item, index) => [keyOf(item), index]));
  const ranks = new Map(patch.map((item, index) => [keyOf(item), index]));
  const named = merged.filter((item) => ranks.has(keyOf(item))).sort((a, b) => (ranks.get(keyOf(a)) ?? 0) - (ranks.get(keyOf(b)) ?? 0));
  const others = merged.filter((item) => !ranks.has(keyOf(item)));
  const result: unknown[] = [];
  for (const item of named) {
    const place = places.get(keyOf(item));
    while (place !== undefined && others.length > 0 && (places.get(keyOf(others[0])) ?? Infinity) < place) result.push(others.shift());
    result.push(item);
  }
  return [...result, ...others];
}
