/** The functions that every Go template has. @see https://pkg.go.dev/text/template#hdr-Functions */
import { percentEncoded } from './bytes.ts';
import { CallError } from './failure.ts';
import { plain } from './print.ts';
import { sprintf } from './printf.ts';
import {
  type Func,
  GoInt,
  int,
  isFunc,
  isList,
  isMap,
  isNil,
  isObject,
  isTrue,
  kindOf,
  type ParamType,
  typeOf,
  type Value,
} from './value.ts';

/** A function of fixed arguments; what it throws as CallError is the template's failure. */
export const func = (params: readonly ParamType[], call: (...args: never[]) => Value): Func => ({
  params,
  variadic: false,
  call: (args) => (call as (...given: readonly Value[]) => Value)(...args),
});

/** A function whose last parameter takes any number of arguments, handed over as a list. */
export const variadic = (params: readonly ParamType[], call: (...args: never[]) => Value): Func => ({
  params,
  variadic: true,
  call: (args) => {
    const fixed = params.length - 1;
    return (call as (...given: readonly Value[]) => Value)(...args.slice(0, fixed), args.slice(fixed));
  },
});

const ANY: ParamType = 'interface {}';
const REFLECTED: ParamType = 'reflect.Value';

type Basic = 'bool' | 'int' | 'float' | 'string' | undefined;

function basicOf(value: Value): Basic {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'string';
  return value instanceof GoInt ? 'int' : undefined;
}

function equals(first: Value, others: readonly Value[]): boolean {
  if (others.length === 0) throw new CallError('missing argument for comparison');
  return others.some((other) => isSame(first, other));
}

/** A value of a type of its own that is an integer underneath compares as one. */
const underlying = (value: Value): Value => (isObject(value) && value.kind === 'int64' ? value.plain() : value);

function isSame(first: Value, second: Value): boolean {
  const [left, right] = [underlying(first), underlying(second)];
  const [kind, other] = [basicOf(left), basicOf(right)];
  if (kind !== other) {
    if (isNil(left) || isNil(right)) return false;
    throw new CallError(`incompatible types for comparison: ${typeOf(left)} and ${typeOf(right)}`);
  }
  if (left instanceof GoInt && right instanceof GoInt) return left.value === right.value;
  if (kind !== undefined) return left === right;
  if (isNil(left) || isNil(right)) return isNil(left) && isNil(right);
  if (kindOf(left) !== kindOf(right)) throw new CallError(`non-comparable types ${typeOf(left)} and ${typeOf(right)}`);
  if (isMap(right) || isList(right) || isFunc(right)) throw new CallError(`non-comparable type ${typeOf(right)}`);
  return left === right;
}

function isLess(first: Value, second: Value): boolean {
  const [left, right] = [underlying(first), underlying(second)];
  const [kind, other] = [basicOf(left), basicOf(right)];
  if (kind === undefined || other === undefined) throw new CallError('invalid type for comparison');
  if (kind !== other) throw new CallError(`incompatible types for comparison: ${typeOf(left)} and ${typeOf(right)}`);
  if (left instanceof GoInt && right instanceof GoInt) return left.value < right.value;
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  if (typeof left === 'string' && typeof right === 'string') return Buffer.compare(Buffer.from(left), Buffer.from(right)) < 0;
  throw new CallError('invalid type for comparison');
}

function indexed(item: Value, index: Value): Value {
  if (item === undefined) throw new CallError('index of untyped nil');
  if (item === null) throw new CallError('index of nil pointer');
  if (isObject(item)) return indexed(item.plain(), index);
  if (isMap(item)) {
    if (isNil(index)) throw new CallError('value is nil; should be of type string');
    if (typeof index !== 'string') throw new CallError(`value has type ${typeOf(index)}; should be string`);
    return item.get(index) ?? (typeOf(item) === 'map[string]string' ? '' : null);
  }
  if (isList(item)) return item[position(index, item.length - 1)];
  if (typeof item === 'string') {
    const bytes = Buffer.from(item);
    return new GoInt(bytes[position(index, bytes.length - 1)] ?? 0, 'uint8');
  }
  throw new CallError(`can't index item of type ${typeOf(item)}`);
}

function position(index: Value, most: number): number {
  if (isNil(index)) throw new CallError('cannot index slice/array with nil');
  if (!(index instanceof GoInt)) throw new CallError(`cannot index slice/array with type ${typeOf(index)}`);
  if (index.value < 0n || index.value > BigInt(most)) throw new CallError(`index out of range: ${index.value}`);
  return Number(index.value);
}

function sliced(item: Value, indexes: readonly Value[]): Value {
  if (isNil(item)) throw new CallError('slice of untyped nil');
  if (indexes.length > 3) throw new CallError(`too many slice indexes: ${indexes.length}`);
  if (!isList(item) && typeof item !== 'string') throw new CallError(`can't slice item of type ${typeOf(item)}`);
  const bytes = typeof item === 'string' ? Buffer.from(item) : undefined;
  const length = bytes ? bytes.length : item.length;
  const [from = 0, to = length] = indexes.map((index) => position(index, length));
  if (from > to) throw new CallError(`invalid slice index: ${from} > ${to}`);
  return bytes ? bytes.subarray(from, to).toString() : (item as readonly Value[]).slice(from, to);
}

function lengthOf(item: Value): number {
  if (isNil(item)) throw new CallError('len of nil pointer');
  if (typeof item === 'string') return Buffer.byteLength(item);
  if (isList(item)) return item.length;
  if (isMap(item)) return item.size;
  if (isObject(item) && item.kind === 'map') return lengthOf(item.plain());
  throw new CallError(`len of type ${typeOf(item)}`);
}

/** Spaces stand between operands when neither is a string. */
const sprint = (values: readonly Value[]): string =>
  values
    .map((value, index) => `${index > 0 && typeof value !== 'string' && typeof values[index - 1] !== 'string' ? ' ' : ''}${plain(value)}`)
    .join('');

const HTML: Readonly<Record<string, string>> = { '\0': '\ufffd', '"': '&#34;', "'": '&#39;', '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const JS: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

const scripted = (char: string): string => JS[char] ?? `\\u00${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

const textOf = (values: readonly Value[]): string => (values.length === 1 && typeof values[0] === 'string' ? values[0] : sprint(values));

export const builtins: ReadonlyMap<string, Func> = new Map(
  Object.entries({
    // Arguments of these two are evaluated one by one, by whoever executes.
    and: variadic([REFLECTED, REFLECTED], () => undefined),
    or: variadic([REFLECTED, REFLECTED], () => undefined),
    not: func([REFLECTED], (value: Value) => !isTrue(value)),
    eq: variadic([REFLECTED, REFLECTED], equals),
    ne: func([REFLECTED, REFLECTED], (left: Value, right: Value) => !equals(left, [right])),
    lt: func([REFLECTED, REFLECTED], isLess),
    le: func([REFLECTED, REFLECTED], (left: Value, right: Value) => isLess(left, right) || isSame(left, right)),
    gt: func([REFLECTED, REFLECTED], (left: Value, right: Value) => !(isLess(left, right) || isSame(left, right))),
    ge: func([REFLECTED, REFLECTED], (left: Value, right: Value) => !isLess(left, right)),
    index: variadic([REFLECTED, REFLECTED], (item: Value, indexes: readonly Value[]) => {
      if (isNil(item)) throw new CallError('index of untyped nil');
      return indexes.reduce(indexed, item);
    }),
    slice: variadic([REFLECTED, REFLECTED], sliced),
    len: func([REFLECTED], (item: Value) => int(lengthOf(item))),
    call: variadic([REFLECTED, REFLECTED], (called: Value, args: readonly Value[]) => {
      if (!isFunc(called)) throw new CallError(`non-function of type ${typeOf(called)}`);
      return called.call(args);
    }),
    print: variadic([ANY], (values: readonly Value[]) => sprint(values)),
    println: variadic([ANY], (values: readonly Value[]) => `${values.map(plain).join(' ')}\n`),
    printf: variadic(['string', ANY], (format: string, values: readonly Value[]) => sprintf(format, values)),
    html: variadic([ANY], (values: readonly Value[]) => textOf(values).replace(/[\0"'&<>]/g, (char) => HTML[char] ?? char)),
    js: variadic([ANY], (values: readonly Value[]) => textOf(values).replace(/[\\'"<>&=\0-\x1f]/g, scripted)),
    urlquery: variadic([ANY], (values: readonly Value[]) => percentEncoded(textOf(values), /[\w.~ -]/).replaceAll(' ', '+')),
  }),
);
