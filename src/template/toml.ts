/**
 * TOML exactly as Helm's `toToml` writes it: keys before tables, tables indented by their depth. Charts put it into
 * ConfigMaps and hash those. The only importer of smol-toml.
 * @see https://toml.io/en/v1.0.0
 */
import { parse, TomlDate } from 'smol-toml';
import { CallError } from './failure.ts';
import { float } from './print.ts';
import { assertWritable } from './size.ts';
import { timeValue } from './time.ts';
import { GoInt, type GoMap, int64, isList, isMap, isNil, isObject, sortedKeys, typeOf, type Value } from './value.ts';

/** @throws CallError for what TOML cannot say */
export function emitToml(value: Value): string {
  if (isNil(value)) throw new CallError('reflect: call of reflect.Value.Type on zero Value');
  assertWritable(value);
  if (isTables(value)) throw new CallError('toml: top-level values must be Go maps or structs');
  if (!isMap(value)) return inline(value);
  const parts: string[] = [];
  fields(value, [], parts);
  return parts.join('');
}

function fields(map: GoMap, path: readonly string[], parts: string[]): void {
  const keys = sortedKeys(map).filter((key) => !isNil(map.get(key)));
  const isSub = (key: string): boolean => isMap(map.get(key)) || isTables(map.get(key));
  const pad = '  '.repeat(path.length);
  for (const key of keys.filter((each) => !isSub(each))) parts.push(`${pad}${keyText(key)} = ${inline(map.get(key))}\n`);
  for (const key of keys.filter(isSub)) {
    const [value, below] = [map.get(key), [...path, key]];
    const name = below.map(keyText).join('.');
    const gap = (wanted: boolean): string => (wanted && parts.length > 0 ? '\n' : '');
    if (isMap(value)) {
      parts.push(`${gap(path.length === 0)}${pad}[${name}]\n`);
      fields(value, below, parts);
    }
    if (isList(value)) {
      for (const table of value) {
        parts.push(`${gap(true)}${pad}[[${name}]]\n`);
        fields(table as GoMap, below, parts);
      }
    }
  }
}

/** True for a list of mappings only, which TOML writes as tables. */
function isTables(value: Value): value is readonly GoMap[] {
  if (!isList(value) || value.length === 0) return false;
  if (value.some(isNil)) throw new CallError('toml: cannot encode array with nil element');
  return value.every(isMap);
}

function inline(value: Value): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return floatText(value);
  if (value instanceof GoInt) return value.value.toString();
  if (isList(value)) {
    isTables(value);
    return `[${value.map(inline).join(', ')}]`;
  }
  if (isMap(value)) {
    const keys = sortedKeys(value).filter((key) => !isNil(value.get(key)));
    const isSub = (key: string): boolean => isMap(value.get(key)) || isTables(value.get(key));
    const ordered = [...keys.filter((key) => !isSub(key)), ...keys.filter(isSub)];
    return `{${ordered.map((key) => `${keyText(key)} = ${inline(value.get(key))}`).join(', ')}}`;
  }
  if (isObject(value) && value.goType === 'time.Time') return String(value.plain());
  if (isObject(value) && value.kind === 'int64') return quoted(value.text());
  throw new CallError(`unsupported type: ${typeOf(value)}`);
}

/** A float has a point or an exponent. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  const text = float(value, 'g');
  return /[.e]/.test(text) ? text : `${text}.0`;
}

const keyText = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : quoted(key));

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

const quoted = (text: string): string =>
  `"${text.replace(/["\\\x00-\x1f\x7f]/g, (char) => ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;

/** @throws TomlError */
export function readToml(text: string): GoMap {
  return fromToml(parse(text, { integersAsBigInt: true, maxDepth: MOST_DEPTH })) as GoMap;
}

const MOST_DEPTH = 250;

function fromToml(value: unknown): Value {
  if (typeof value === 'bigint') return int64(value);
  if (value instanceof TomlDate) return timeFrom(value);
  if (Array.isArray(value)) return value.map(fromToml);
  if (typeof value === 'object' && value !== null) return new Map(Object.entries(value).map(([key, each]) => [key, fromToml(each)]));
  return value as string | number | boolean;
}

/** Dates and times without a zone keep their form when they are written again. */
function timeFrom(date: TomlDate): Value {
  const milliseconds = date.getTime();
  if (date.isDate()) return timeValue(milliseconds, 'date-local', '2006-01-02');
  if (date.isTime()) return timeValue(milliseconds, 'time-local', '15:04:05.999999999');
  return date.isLocal() ? timeValue(milliseconds, 'datetime-local', '2006-01-02T15:04:05.999999999') : timeValue(milliseconds);
}
