/** RFC 7386. */
import { isBody } from '../../model/body.ts';
import type { Fields } from '../store/object.ts';

/** @returns the patched copy; null removes a field, lists are replaced */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isBody(patch)) return structuredClone(patch);
  const result: Fields = isBody(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = applyMergePatch(result[name], value);
  }
  return result;
}
