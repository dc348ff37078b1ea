import { isBody } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { normalPod } from './normal-pod.ts';
import { fieldsOf } from './pod-schema.ts';

/** Equality of plain data; the order of keys means nothing. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left))
    return Array.isArray(right) && left.length === right.length && left.every((item, index) => isSame(item, right[index]));
  if (!isBody(left) || !isBody(right)) return false;
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => Object.hasOwn(right, key) && isSame(left[key], right[key]));
}

/**
 * `after` with everything that it has in common with `before` as it stands there: the same objects, in the user's order
 * of keys and spelling of quantities, with the empty fields that a normal form leaves out.
 * @param after in normal form
 */
export function keepSame(before: unknown, after: unknown, struct: string | undefined, mergeKey?: string): unknown {
  if (isSame(normalPod(before, struct), after)) return before;
  if (Array.isArray(before) && Array.isArray(after)) {
    return after.map((item, index) => keepSame(counterpart(before, item, index, mergeKey), item, struct));
  }
  if (!isBody(before) || !isBody(after)) return after;
  return keepFields(before, after, struct);
}

function keepFields(before: Body, after: Body, struct: string | undefined): Body {
  const fields = fieldsOf(struct);
  const normal = normalPod(before, struct) as Body;
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(before)) {
    const field = fields?.get(name);
    if (Object.hasOwn(after, name)) result[name] = keepSame(before[name], after[name], field?.struct, field?.mergeKey);
    else if (!Object.hasOwn(normal, name)) result[name] = before[name];
  }
  for (const name of Object.keys(after)) if (!Object.hasOwn(before, name)) result[name] = after[name];
  return result;
}

function counterpart(items: readonly unknown[], item: unknown, index: number, key: string | undefined): unknown {
  if (key && isBody(item)) return items.find((other) => isBody(other) && other[key] === item[key]);
  return items[index];
}
