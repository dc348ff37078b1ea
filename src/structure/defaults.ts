/** Fills in what a definition gives by default, as the API server does before it judges an object. */
import { isBody } from '../model/body.ts';
import { fieldOf, type Schema } from './schema.ts';

/**
 * The value with its defaults. A null where none may stand is taken out, and the default put in its place.
 * @returns the same value when nothing changes
 */
export function withDefaults(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) return itemsWithDefaults(schema, value);
  return isBody(value) ? fieldsWithDefaults(schema, value) : value;
}

function itemsWithDefaults({ items }: Schema, list: readonly unknown[]): readonly unknown[] {
  if (!items) return list;
  const filled = list.map((item) => withDefaults(items, item));
  return filled.some((item, index) => item !== list[index]) ? filled : list;
}

function fieldsWithDefaults(schema: Schema, object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  // Most objects stay as they are, and thousands of them are looked at.
  const changes = new Map<string, unknown>();
  for (const name of Object.keys(object)) {
    const value = object[name];
    const field = typeof value === 'object' ? fieldOf(schema, name) : undefined;
    if (!field) continue;
    // Such a null means that the field is not set.
    const next = value === null && field.nullable !== true ? undefined : withDefaults(field, value);
    if (next !== value) changes.set(name, next);
  }
  for (const name in schema.properties) {
    const field = schema.properties[name];
    if (field?.default === undefined || (Object.hasOwn(object, name) && !changes.has(name))) continue;
    // A default may itself lack fields that have one.
    if (changes.get(name) === undefined) changes.set(name, withDefaults(field, field.default));
  }
  if (changes.size === 0) return object;
  return Object.fromEntries(Object.entries({ ...object, ...Object.fromEntries(changes) }).filter(([, value]) => value !== undefined));
}
