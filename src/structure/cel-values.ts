/** Parsed values as the expression language has them: whole numbers apart from others, and fields with names that are no words of it. */
import { isBody } from '../model/body.ts';
import { fieldOf, type Schema } from './schema.ts';

export type CelValue = bigint | number | string | boolean | null | readonly CelValue[] | ReadonlyMap<string, CelValue>;

const RESERVED: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

export function celValue(schema: Schema | undefined, value: unknown): CelValue {
  if (typeof value === 'number') return Number.isInteger(value) && schema?.type !== 'number' ? BigInt(value) : value;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((item) => celValue(schema?.items, item));
  if (!isBody(value)) return null;
  // Keys of maps are texts that expressions compare; names of fields are part of the expression itself.
  const isMap = schema?.properties === undefined;
  return new Map(
    Object.entries(value).map(([name, part]) => [isMap ? name : escaped(name), celValue(schema && fieldOf(schema, name), part)] as const),
  );
}

/** @see https://kubernetes.io/docs/reference/using-api/cel/#escaping */
function escaped(name: string): string {
  if (RESERVED.has(name)) return `__${name}__`;
  return name.replace(/__|[.\-/]/g, (part) => ESCAPES[part] ?? part);
}

const ESCAPES: Readonly<Record<string, string>> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' };
