/**
 * Reading objects of unknown shape. A field of the wrong type reads as absent here: whether a
 * field has the right type is the business of structural validation, not of every rule.
 */
import type { Body, FieldPath } from './resource.ts';

export function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path, or undefined. */
export function at(value: unknown, path: FieldPath): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

/** The object at a path; empty when it is absent or no object. */
export function objectAt(value: unknown, ...path: FieldPath): Body {
  const found = at(value, path);
  return isBody(found) ? found : {};
}

/** The string at a path; undefined when it is absent or no string. */
export function stringAt(value: unknown, ...path: FieldPath): string | undefined {
  const found = at(value, path);
  return typeof found === 'string' ? found : undefined;
}

/** The number at a path; undefined when it is absent or no number. */
export function numberAt(value: unknown, ...path: FieldPath): number | undefined {
  const found = at(value, path);
  return typeof found === 'number' ? found : undefined;
}

export function booleanAt(value: unknown, ...path: FieldPath): boolean | undefined {
  const found = at(value, path);
  return typeof found === 'boolean' ? found : undefined;
}

/** The list at a path; empty when it is absent or no list. */
export function listAt(value: unknown, ...path: FieldPath): readonly unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}

/** The objects of the list at a path, each with its own path. Elements that are no objects are passed over. */
export function itemsAt(value: unknown, ...path: FieldPath): readonly { readonly item: Body; readonly path: FieldPath }[] {
  const items: { readonly item: Body; readonly path: FieldPath }[] = [];
  // Rules ask a dozen times of each object, mostly for what is not there.
  for (const [index, item] of listAt(value, ...path).entries()) if (isBody(item)) items.push({ item, path: [...path, index] });
  return items;
}

/** The strings of the list at a path, each with its own path. */
export function stringsAt(value: unknown, ...path: FieldPath): readonly { readonly value: string; readonly path: FieldPath }[] {
  const texts: { readonly value: string; readonly path: FieldPath }[] = [];
  for (const [index, item] of listAt(value, ...path).entries())
    if (typeof item === 'string') texts.push({ value: item, path: [...path, index] });
  return texts;
}

/** The string-valued entries of the object at a path: labels, annotations, selectors. */
export function stringMapAt(value: unknown, ...path: FieldPath): Readonly<Record<string, string>> {
  const found = objectAt(value, ...path);
  const entries = Object.entries(found);
  return entries.every(([, entry]) => typeof entry === 'string')
    ? (found as Readonly<Record<string, string>>)
    : Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

export function has(value: unknown, ...path: FieldPath): boolean {
  return at(value, path) !== undefined;
}
