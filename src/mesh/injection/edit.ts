/** What the injectors of all meshes do to objects: new values along a path, everything beside it the same objects as before. */
import { isBody } from '../../model/body.ts';
import type { Body, FieldPath } from '../../model/resource.ts';

/** The object with another value at the path; `undefined` removes the field. What is missing on the way is made. */
export function withValue(object: Body, path: FieldPath, value: unknown): Body {
  const [step, ...rest] = path;
  if (step === undefined) return isBody(value) ? value : {};
  const inner = object[step];
  if (rest.length === 0) return value === undefined ? without(object, step) : { ...object, [step]: value };
  if (Array.isArray(inner)) {
    const [index, ...deeper] = rest;
    return { ...object, [step]: inner.map((item, at) => (at === index && isBody(item) ? withValue(item, deeper, value) : item)) };
  }
  if (value === undefined && !isBody(inner)) return object;
  return { ...object, [step]: withValue(isBody(inner) ? inner : {}, rest, value) };
}

function without(object: Body, step: string | number): Body {
  return Object.hasOwn(object, step) ? Object.fromEntries(Object.entries(object).filter(([key]) => key !== String(step))) : object;
}

/** The second object over the first, mapping by mapping as Helm lays values; null removes what is below. */
export function overlay(base: Body, over: Body): Body {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    if (value === null || value === undefined) delete result[key];
    else result[key] = isBody(value) && isBody(below) ? overlay(below, value) : value;
  }
  return result;
}
