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
  const filled: [string, unknown][] = [];
  let changed = false;
  for (const [name, value] of Object.entries(object)) {
    const field = fieldOf(schema, name);
    // Such a null means that the field is not set.
    if (value === null && field && field.nullable !== true) {
      changed = true;
      continue;
    }
    const next = field ? withDefaults(field, value) : value;
    changed ||= next !== value;
    filled.push([name, next]);
  }
  const given = new Set(filled.map(([name]) => name));
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (field.default === undefined || given.has(name)) continue;
    // A default may itself lack fields that have one.
    filled.push([name, withDefaults(field, field.default)]);
    changed = true;
  }
  return changed ? Object.fromEntries(filled) : object;
}
