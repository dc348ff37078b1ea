/**
 * Structural schemas of CustomResourceDefinitions: default, prune and validate an object in one place. Rules in CEL
 * (`x-kubernetes-validations`) are kept with a definition and not evaluated.
 */
import { isBody } from '../../model/body.ts';
import { type Fields, isSame } from '../store/object.ts';

export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly not?: Schema;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
}

/** A cause in a Status of reason Invalid. */
export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

const IDENTITY = new Set(['apiVersion', 'kind', 'metadata']);

const child = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** @returns the value without fields the schema does not know, with defaults, and the paths of what was dropped */
export function prune(schema: Schema, value: unknown): { readonly value: unknown; readonly unknown: readonly string[] } {
  const unknown: string[] = [];
  return { value: pruned(schema, value, '', unknown, true), unknown };
}

function pruned(schema: Schema, value: unknown, path: string, unknown: string[], root: boolean): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.map((item, index) => pruned(items, item, `${path}[${index}]`, unknown, false)) : value;
  }
  if (!isBody(value)) return value;
  const keeps =
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    (schema.properties === undefined && schema.additionalProperties === undefined);
  const identity = root || schema['x-kubernetes-embedded-resource'] === true;
  const kept: Fields = {};
  for (const [name, field] of Object.entries(value)) {
    const known = schema.properties?.[name];
    const rest = schema.additionalProperties;
    if (identity && IDENTITY.has(name)) kept[name] = field;
    else if (known && field === null && known.nullable !== true && known.default !== undefined) continue;
    else if (known) kept[name] = pruned(known, field, child(path, name), unknown, false);
    else if (typeof rest === 'object') kept[name] = pruned(rest, field, child(path, name), unknown, false);
    else if (rest === true || keeps) kept[name] = field;
    else unknown.push(child(path, name));
  }
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (field.default !== undefined && kept[name] === undefined)
      kept[name] = pruned(field, structuredClone(field.default), child(path, name), unknown, false);
  }
  return kept;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function hasType(schema: Schema, value: unknown): boolean {
  const actual = typeOf(value);
  if (value === null) return schema.nullable === true || schema.type === undefined;
  if (schema['x-kubernetes-int-or-string'] === true) return actual === 'integer' || actual === 'string';
  return schema.type === undefined || schema.type === actual || (schema.type === 'number' && actual === 'integer');
}

const shown = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : (JSON.stringify(value) ?? 'null');

/** A pattern of RE2 that JavaScript reads otherwise is not checked. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return true;
  }
}

interface Limit {
  readonly when: (schema: Schema, value: never) => boolean;
  readonly say: (schema: Schema) => string;
}

const TEXT: readonly Limit[] = [
  {
    when: ({ pattern }, value: string) => pattern !== undefined && !matches(pattern, value),
    say: ({ pattern }) => `should match '${pattern}'`,
  },
  {
    when: ({ minLength = 0 }, value: string) => [...value].length < minLength,
    say: ({ minLength }) => `should be at least ${minLength} chars long`,
  },
  {
    when: ({ maxLength = Infinity }, value: string) => [...value].length > maxLength,
    say: ({ maxLength }) => `may not be more than ${maxLength} bytes`,
  },
];

const NUMBER: readonly Limit[] = [
  {
    when: ({ minimum = -Infinity, exclusiveMinimum }, value: number) => value < minimum || (exclusiveMinimum === true && value === minimum),
    say: ({ minimum, exclusiveMinimum }) => `should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`,
  },
  {
    when: ({ maximum = Infinity, exclusiveMaximum }, value: number) => value > maximum || (exclusiveMaximum === true && value === maximum),
    say: ({ maximum, exclusiveMaximum }) => `should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`,
  },
];

const LIST: readonly Limit[] = [
  {
    when: ({ minItems = 0 }, value: readonly unknown[]) => value.length < minItems,
    say: ({ minItems }) => `should have at least ${minItems} items`,
  },
  {
    when: ({ maxItems = Infinity }, value: readonly unknown[]) => value.length > maxItems,
    say: ({ maxItems }) => `must have at most ${maxItems} items`,
  },
];

const MAP: readonly Limit[] = [
  {
    when: ({ minProperties = 0 }, value: Fields) => Object.keys(value).length < minProperties,
    say: ({ minProperties }) => `should have at least ${minProperties} properties`,
  },
  {
    when: ({ maxProperties = Infinity }, value: Fields) => Object.keys(value).length > maxProperties,
    say: ({ maxProperties }) => `must have at most ${maxProperties} properties`,
  },
];

/** What is wrong with a pruned value, in the API server's words. */
export function validate(schema: Schema, value: unknown, path = ''): readonly Cause[] {
  const invalid = (text: string): Cause => ({
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${shown(value)}: ${path === '' ? '' : `${path} in body `}${text}`,
    field: path === '' ? '<nil>' : path,
  });
  if (!hasType(schema, value)) {
    const wanted = schema['x-kubernetes-int-or-string'] === true ? 'integer,string' : schema.type;
    const actual = typeOf(value);
    return [
      {
        reason: 'FieldValueTypeInvalid',
        message: `Invalid value: "${actual}": ${path} in body must be of type ${wanted}: "${actual}"`,
        field: path,
      },
    ];
  }
  if (value === null) return [];
  const found: Cause[] = [];
  if (schema.enum && !schema.enum.some((allowed) => isSame(allowed, value))) {
    const allowed = schema.enum.map((item) => shown(item)).join(', ');
    found.push({
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${shown(value)}: supported values: ${allowed}`,
      field: path,
    });
  }
  const limits =
    typeof value === 'string' ? TEXT : typeof value === 'number' ? NUMBER : Array.isArray(value) ? LIST : isBody(value) ? MAP : [];
  for (const limit of limits) if (limit.when(schema, value as never)) found.push(invalid(limit.say(schema)));
  if (Array.isArray(value)) found.push(...validateList(schema, value, path));
  else if (isBody(value)) found.push(...validateFields(schema, value, path));
  for (const part of schema.allOf ?? []) found.push(...validate(part, value, path));
  const passing = (schemas: readonly Schema[]): number => schemas.filter((part) => validate(part, value, path).length === 0).length;
  if (schema.anyOf && passing(schema.anyOf) === 0) found.push(invalid('must validate at least one schema (anyOf)'));
  if (schema.oneOf && passing(schema.oneOf) !== 1) {
    found.push(
      invalid(
        `must validate one and only one schema (oneOf). Found ${passing(schema.oneOf) === 0 ? 'none valid' : `${passing(schema.oneOf)} valid alternatives`}`,
      ),
    );
  }
  if (schema.not && passing([schema.not]) === 1) found.push(invalid('must not validate the schema (not)'));
  return found;
}

function validateList(schema: Schema, value: readonly unknown[], path: string): readonly Cause[] {
  const { items } = schema;
  const found = items ? value.flatMap((item, index) => validate(items, item, `${path}[${index}]`)) : [];
  const keys = schema['x-kubernetes-list-type'] === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : undefined;
  if (!keys && schema['x-kubernetes-list-type'] !== 'set') return found;
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    const key = keys ? Object.fromEntries(keys.map((name) => [name, isBody(item) ? item[name] : undefined])) : item;
    const text = JSON.stringify(key) ?? '';
    if (seen.has(text)) found.push({ reason: 'FieldValueDuplicate', message: `Duplicate value: ${text}`, field: `${path}[${index}]` });
    seen.add(text);
  }
  return found;
}

function validateFields(schema: Schema, value: Fields, path: string): readonly Cause[] {
  const found: Cause[] = [];
  for (const name of schema.required ?? []) {
    if (value[name] === undefined) found.push({ reason: 'FieldValueRequired', message: 'Required value', field: child(path, name) });
  }
  for (const [name, field] of Object.entries(value)) {
    if (path === '' && IDENTITY.has(name)) continue;
    const known = schema.properties?.[name] ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
    if (known && field !== undefined) found.push(...validate(known, field, child(path, name)));
  }
  return found;
}
