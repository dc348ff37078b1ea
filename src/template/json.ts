/** JSON as Go's encoding/json writes and reads it. */
import { CallError } from './failure.ts';
import { assertWritable } from './size.ts';
import { fromPlain, GoInt, isFunc, isList, isMap, isNil, isObject, sortedKeys, type Value } from './value.ts';

/**
 * The value without objects: what they write of themselves stands in their place.
 * @throws CallError for functions, and for what is too large to be written
 */
export function plainOf(value: Value): Value {
  assertWritable(value);
  return withoutObjects(value);
}

function withoutObjects(value: Value): Value {
  if (isObject(value)) return withoutObjects(value.plain());
  if (isFunc(value)) throw new CallError('json: unsupported type: func');
  if (isMap(value)) return new Map([...value].map(([key, each]) => [key, withoutObjects(each)]));
  return isList(value) ? value.map(withoutObjects) : value;
}

export interface JsonLook {
  /** Spaces a level; undefined: all on one line. */
  readonly indent?: number;
  /** `<`, `>` and `&` as escapes; so by default. */
  readonly escapesHtml?: boolean;
}

/** @throws CallError for what JSON cannot say */
export function toJson(value: Value, { indent, escapesHtml = true }: JsonLook = {}): string {
  const step = indent === undefined ? '' : ' '.repeat(indent);
  const write = (each: Value, pad: string): string => {
    if (isNil(each)) return 'null';
    if (typeof each === 'string') return text(each, escapesHtml);
    if (typeof each === 'number') return number(each);
    if (each instanceof GoInt) return each.value.toString();
    const inner = pad + step;
    const [open, close, between] = indent === undefined ? ['', '', ','] : [`\n${inner}`, `\n${pad}`, `,\n${inner}`];
    if (isList(each)) return each.length === 0 ? '[]' : `[${open}${each.map((item) => write(item, inner)).join(between)}${close}]`;
    if (isMap(each)) {
      const colon = indent === undefined ? ':' : ': ';
      const entries = sortedKeys(each).map((key) => `${text(key, escapesHtml)}${colon}${write(each.get(key), inner)}`);
      return entries.length === 0 ? '{}' : `{${open}${entries.join(between)}${close}}`;
    }
    return String(each);
  };
  return write(plainOf(value), '');
}

function text(value: string, escapesHtml: boolean): string {
  const quoted = JSON.stringify(value)
    .replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`)
    .replace(/\\ud[89a-f][0-9a-f]{2}/g, '\\ufffd')
    .replaceAll('\x7f', '\x7f');
  return escapesHtml ? quoted.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`) : quoted;
}

/** The same digits as JavaScript's, and from 1e21 on the same form. */
function number(value: number): string {
  if (!Number.isFinite(value)) throw new CallError(`json: unsupported value: ${value}`);
  const size = Math.abs(value);
  if (Object.is(value, -0)) return '-0';
  if (size !== 0 && size < 1e-6) return value.toExponential();
  return size >= 1e21 ? value.toExponential() : String(value);
}

/** @throws SyntaxError */
export const fromJson = (source: string): Value => fromPlain(JSON.parse(source));
