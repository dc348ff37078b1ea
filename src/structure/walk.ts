/**
 * Holds a value against a schema, and reports everything the schema has against it at once. Expressions are only
 * collected here: whoever calls evaluates them, if there are any, since what evaluates them takes long to load.
 */
import { isBody } from '../model/body.ts';
import type { FieldPath } from '../model/resource.ts';
import { isPlaceholder } from '../text/placeholder.ts';
import { quotedList } from '../text/words.ts';
import { judgeBranches } from './branches.ts';
import type { Due, Found } from './found.ts';
import { judgeItems } from './items.ts';
import type { Patterns } from './patterns.ts';
import { fieldOf, hasType, isOpen, type Schema } from './schema.ts';
import type { Superseded } from './superseded.ts';
import { type Place, unknownField } from './unknown-field.ts';
import { judgeValue } from './value.ts';
import {
  AS_LIST,
  fieldNamed,
  flagInQuotes,
  isDurationRule,
  quotesMissing,
  typeInWords,
  unitMissing,
  valueInWords,
  valueText,
} from './wording.ts';

export interface Walk {
  readonly found: Found[];
  readonly due: Due[];
  readonly patterns: Patterns;
  /** Words for where the schema is from: `Istio, 2026-08`. */
  readonly release: string;
  /** What was probably meant by a field that the schema does not know. */
  readonly meantBy: (path: FieldPath) => string | undefined;
  /** What became of fields and values that the schema does not know, and what is to become of those it does. */
  readonly superseded: { readonly was: Superseded; readonly is: Superseded };
}

/** @param value with its defaults */
export function walk(schema: Schema, value: unknown, path: FieldPath, state: Walk, up?: Place): void {
  if (isPlaceholder(value) || (value === null && schema.nullable)) return;
  if (!hasType(schema, value)) {
    state.found.push(wrongType(schema, value, path));
    return;
  }
  if (Array.isArray(value)) walkItems(schema, value, path, state, up);
  else if (isBody(value)) walkFields(schema, value, path, state, up);
  for (const found of judgeValue(schema, value, path, state.patterns)) {
    state.found.push((found.is === 'value' && state.superseded.was(path, value)) || found);
  }
  state.found.push(...judgeBranches(schema, value, path, state.patterns));
  const rules = schema['x-kubernetes-validations'];
  if (rules) state.due.push({ rules, schema, value, path });
}

function walkItems(schema: Schema, list: readonly unknown[], path: FieldPath, state: Walk, up: Place | undefined): void {
  const { items } = schema;
  if (items) for (const [index, item] of list.entries()) walk(items, item, [...path, index], state, up);
  state.found.push(...judgeItems(schema, list, path));
}

function walkFields(schema: Schema, object: Readonly<Record<string, unknown>>, path: FieldPath, state: Walk, up: Place | undefined): void {
  const place: Place = { schema, object, path, up };
  const meant = new Set<string>();
  let isOfOtherRelease = false;
  for (const [name, value] of Object.entries(object)) {
    const field = fieldOf(schema, name);
    if (field) {
      const old = state.superseded.is([...path, name], value, object);
      if (old) state.found.push(old);
      walk(field, value, [...path, name], state, place);
    } else if (!isOpen(schema) && !isPlaceholder(name)) {
      const old = state.superseded.was([...path, name]);
      const unknown = unknownField(name, place, state);
      state.found.push(old ?? unknown.found);
      isOfOtherRelease ||= old !== undefined;
      if (unknown.meant !== undefined) meant.add(unknown.meant);
    }
  }
  // What an earlier release has instead of a field, that field cannot stand next to.
  if (isOfOtherRelease) return;
  for (const name of schema.required ?? []) {
    // One misspelled field is one mistake.
    if (!meant.has(name) && !Object.hasOwn(object, name)) state.found.push(missing([...path, name], path));
  }
}

function missing(path: FieldPath, parent: FieldPath): Found {
  return { is: 'missing', path: parent, part: 'key', message: `${fieldNamed(path)} is required, but absent.` };
}

function wrongType(schema: Schema, value: unknown, path: FieldPath): Found {
  return {
    is: 'type',
    blocks: true,
    path,
    message: `${fieldNamed(path)} is ${valueInWords(value)}, but must be ${typeInWords(schema)}.`,
    fix: remedyFor(schema, value, path),
  };
}

function remedyFor(schema: Schema, value: unknown, path: FieldPath): string | undefined {
  const { type } = schema;
  if (type === 'string' && typeof value === 'number' && isDuration(schema, path)) return unitMissing(value);
  if (type === 'string') return quotesMissing(value);
  if (typeof value === 'string' && (type === 'integer' || type === 'number')) {
    return /^-?\d+(\.\d+)?$/.test(value) ? `Write ${value} without quotes.` : undefined;
  }
  if (type === 'boolean') return flagInQuotes(value);
  if (type === 'array') return AS_LIST;
  if (type === 'object' && Array.isArray(value)) {
    return value.length === 1 && isBody(value[0]) ? 'Write the one item itself, without the list around it.' : undefined;
  }
  return type === 'object' && value !== null ? fieldMissing(schema, value) : undefined;
}

/** A value that stands where the field around it belongs: `mtls: STRICT` for `mtls: { mode: STRICT }`. */
function fieldMissing({ properties = {} }: Schema, value: unknown): string | undefined {
  const names = Object.keys(properties);
  const naming = names.filter((name) => properties[name]?.enum?.includes(value));
  const fitting = names.filter((name) => hasType(properties[name] ?? {}, value) && properties[name]?.enum === undefined);
  const [only, ...more] = naming.length > 0 ? naming : fitting;
  if (only !== undefined && more.length === 0) return `Write it one level down: { ${only}: ${valueText(value)} }.`;
  return names.length === 0 ? undefined : `What may be set in it is ${quotedList(names.sort(), MOST_NAMES)}.`;
}

/** More names would hide the rest of the message. */
const MOST_NAMES = 5;

/** Where definitions say nothing of the form, the name of the field does. */
const DURATION_NAME = /(?:timeout|interval|duration|ttl|period|delay)$/i;

/** Those of Gateway API are told by their pattern. */
function isDuration({ pattern, 'x-kubernetes-validations': rules = [] }: Schema, path: FieldPath): boolean {
  return rules.some(isDurationRule) || (pattern?.includes('h|m|s|ms') ?? DURATION_NAME.test(String(path.at(-1))));
}
