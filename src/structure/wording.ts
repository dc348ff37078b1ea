/** How messages speak of values, types and fields. */
import type { FieldPath } from '../model/resource.ts';
import { pathText } from '../text/field-path.ts';
import { quotedList } from '../text/words.ts';
import type { CelRule, Schema } from './schema.ts';

/** Longer texts are cut: they would hide the rest of the message. */
const LONGEST = 60;

/** `Field "spec.http[0].timeout"`; for the object itself `The object`. */
export function fieldNamed(path: FieldPath): string {
  return path.length === 0 ? 'The object' : `Field "${pathText(path)}"`;
}

/** `the text "abc"`, `the number 5`, `a list`. */
export function valueInWords(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `the text ${valueText(value)}`;
  return typeof value === 'object' ? 'a mapping' : `the ${typeof value} ${value}`;
}

export function valueText(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…${typeof value === 'string' ? '"' : ''}` : text;
}

/** `a list`, `a text or an integer`. */
export function typeInWords(schema: Schema): string {
  if (schema['x-kubernetes-int-or-string']) return 'an integer or a text';
  return WORDS[schema.type ?? 'object'];
}

const WORDS: Readonly<Record<NonNullable<Schema['type']>, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'a text',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
};

/** Istio's definitions tell durations by such an expression. */
export function isDurationRule({ rule }: CelRule): boolean {
  return rule.includes('duration(self)');
}

/** What to write instead of a duration that is a number, in quotes or without. */
export function unitMissing(value: unknown): string | undefined {
  return /^\d+(?:\.\d+)?$/.test(String(value)) && Number(value) > 0 ? `Write it with its unit, such as "${value}s".` : undefined;
}

export const AS_LIST = 'Write it as a list: each item after a dash, or all of them in [ ].';

export function quotesMissing(value: unknown): string | undefined {
  return typeof value === 'number' || typeof value === 'boolean' ? `Put it in quotes: "${value}".` : undefined;
}

/** For a text where true or false is asked for. */
export function flagInQuotes(value: unknown): string | undefined {
  return typeof value === 'string' && /^(true|false)$/i.test(value) ? `Write ${value.toLowerCase()} without quotes.` : undefined;
}

/** More names would hide the rest of the message. */
const MOST_FIELDS = 8;

/** @param free the fields that are not set yet */
export function fieldsLeft(free: readonly string[]): string | undefined {
  return free.length === 0 ? undefined : `What may be set there besides is ${quotedList(free, MOST_FIELDS)}.`;
}
