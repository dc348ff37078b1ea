/** Messages of protobuf as templates see them: fields by their names in Go, and getters that ask nothing of what is absent. */
import { isBody } from '../../../model/body.ts';
import { func } from '../../../template/builtins.ts';
import { type Func, fromPlain, GoInt, type GoObject, typed, type Value } from '../../../template/value.ts';

/** `texts` is a map of texts; `message` stands for wrappers and durations too. */
type MessageFieldType = 'text' | 'number' | 'flag' | 'enum' | 'texts' | 'list' | 'message';
export type MessageFields = ReadonlyMap<string, MessageFieldType>;

/** Fields may be written as the definition names them: `proxy_metadata`. */
export const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/**
 * @param value the JSON form; undefined for a pointer that is nil
 * @param fields those of the message; without them whatever is there
 */
export function message(goType: string, value: unknown, fields?: MessageFields): GoObject {
  const body = isBody(value) ? value : undefined;
  const fieldNamed = (name: string): Value | undefined => {
    const json = jsonName(name, body, fields);
    const type = fields?.get(json);
    if (type === undefined && body?.[json] === undefined) return fields || value === undefined ? message(goType, undefined) : undefined;
    return fieldValue(`${goType}.${name}`, body?.[json], type);
  };
  return {
    goType,
    kind: 'ptr',
    field: (name) => (body || fields ? fieldNamed(name) : value === undefined ? undefined : fromPlain(value)),
    method: (name) => methodOf(name, value, fieldNamed),
    text: () => (value === undefined ? '<nil>' : typeof value === 'string' ? value : JSON.stringify(value)),
    isTrue: () => value !== undefined,
    plain: () => fromPlain(value),
  };
}

function methodOf(name: string, value: unknown, fieldNamed: (name: string) => Value | undefined): Func | undefined {
  if (name === 'GetValue') return func([], () => (value === undefined ? false : fromPlain(value)));
  if (name === 'String') return func([], () => (value === undefined ? '' : String(value)));
  // A getter of nil gives the zero value, and so on down.
  if (name.startsWith('Get')) return func([], () => (value === undefined ? message(name, undefined) : fieldNamed(name.slice(3))) ?? null);
  return undefined;
}

/** Go's names begin with a capital, and may differ in initialisms. */
function jsonName(name: string, body: Readonly<Record<string, unknown>> | undefined, fields: MessageFields | undefined): string {
  const plain = name.charAt(0).toLowerCase() + name.slice(1);
  if (fields?.has(plain) || body?.[plain] !== undefined) return plain;
  const lower = name.toLowerCase();
  return [...(fields?.keys() ?? []), ...Object.keys(body ?? {})].find((each) => each.toLowerCase() === lower) ?? plain;
}

function fieldValue(goType: string, value: unknown, type: MessageFieldType | undefined): Value {
  switch (type) {
    case 'text':
      return typeof value === 'string' ? value : '';
    case 'number':
      return new GoInt(Number.isInteger(Number(value)) ? Number(value ?? 0) : 0, 'int32');
    case 'flag':
      return value === true;
    case 'enum':
      return enumValue(goType, typeof value === 'string' ? value : '');
    case 'texts':
      return typed(new Map(Object.entries(isBody(value) ? value : {}).map(([name, each]) => [name, String(each)])), 'map[string]string');
    case 'list':
      return Array.isArray(value) ? value.map((item) => (isBody(item) ? message(goType, item) : fromPlain(item))) : [];
    case 'message':
      return message(goType, value ?? undefined);
    default:
      if (isBody(value)) return message(goType, value);
      return Array.isArray(value) ? fieldValue(goType, value, 'list') : fromPlain(value);
  }
}

/** A constant with a name, which is what it prints as. */
const enumValue = (goType: string, name: string): GoObject => ({
  goType,
  kind: 'int32',
  field: () => undefined,
  method: (method) => (method === 'String' ? func([], () => name) : undefined),
  text: () => name,
  isTrue: () => name !== '',
  plain: () => name,
});
