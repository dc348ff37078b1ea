/**
 * Values as templates see them, with Go's types where they show: what prints, compares and fits an argument depends on
 * whether a number is an int or a float64.
 *
 * - `undefined` is no value at all, `null` a nil interface: a field of the first is nothing, one of the second an error.
 * - A number is a float64, as in values files; `GoInt` an integer, as in templates and `--set`.
 * - A list is `[]interface {}` and a Map `map[string]interface {}`, unless `typed` says otherwise.
 */

export type IntType = 'int' | 'int64' | 'uint8' | 'int32';

export class GoInt {
  readonly value: bigint;
  readonly type: IntType;

  constructor(value: bigint | number, type: IntType = 'int') {
    this.value = BigInt.asIntN(64, BigInt(value));
    this.type = type;
  }
}

/** A value of a type with a name, such as `time.Duration`; its fields and methods are what a template may ask of it. */
export interface GoObject {
  readonly goType: string;
  /** reflect's kind: `struct`, `ptr`, `int64`, `map`. */
  readonly kind: string;
  field(name: string): Value | undefined;
  method(name: string): Func | undefined;
  /** What `print` shows. */
  text(): string;
  /** True where the value counts as set. */
  isTrue(): boolean;
  /** What toYaml and toJson write. */
  plain(): Value;
}

/** What `method` of an object answers: only names of its own count. */
export const methodsFrom =
  (methods: Readonly<Record<string, Func>>) =>
  (name: string): Func | undefined =>
    Object.hasOwn(methods, name) ? methods[name] : undefined;

export type GoMap = Map<string, Value>;
export type GoList = readonly Value[];
export type Value = undefined | null | boolean | string | number | GoInt | GoMap | GoList | GoObject | Func;

/** Kinds of parameters, named as Go names the types in its messages. */
export type ParamType =
  | 'interface {}'
  | 'string'
  | 'int'
  | 'int64'
  | 'float64'
  | 'bool'
  | 'map[string]interface {}'
  | '[]interface {}'
  | '[]string'
  | 'reflect.Value';

/** A function that templates call. */
export interface Func {
  readonly params: readonly ParamType[];
  /** The last parameter takes any number of arguments. */
  readonly variadic: boolean;
  call(args: readonly Value[]): Value;
}

const typeNames = new WeakMap<object, string>();

/** A list or a map of another type than the usual one, such as `[]string`. */
export function typed<T extends GoList | GoMap>(value: T, type: string): T {
  typeNames.set(value as object, type);
  return value;
}

export const isMap = (value: Value): value is GoMap => value instanceof Map;
export const isList = (value: Value): value is GoList => Array.isArray(value);
export const isObject = (value: Value): value is GoObject => typeof value === 'object' && value !== null && 'goType' in value;
export const isFunc = (value: Value): value is Func => typeof value === 'object' && value !== null && 'params' in value;
export const isNil = (value: Value): value is null | undefined => value === null || value === undefined;

/** As `%T` prints it. */
export function typeOf(value: Value): string {
  if (isNil(value)) return '<nil>';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'float64';
  if (value instanceof GoInt) return value.type;
  if (isMap(value)) return typeNames.get(value) ?? 'map[string]interface {}';
  if (isList(value)) return typeNames.get(value) ?? '[]interface {}';
  return isObject(value) ? value.goType : 'func';
}

/** reflect's name for the kind. */
export function kindOf(value: Value): string {
  if (isNil(value)) return 'invalid';
  if (isMap(value)) return 'map';
  if (isList(value)) return 'slice';
  return isObject(value) ? value.kind : typeOf(value);
}

/** What `if` makes of it, and sprig's `empty` of its opposite. */
export function isTrue(value: Value): boolean {
  if (isNil(value)) return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value !== '';
  if (typeof value === 'number') return value !== 0;
  if (value instanceof GoInt) return value.value !== 0n;
  if (isMap(value)) return value.size > 0;
  if (isList(value)) return value.length > 0;
  return isObject(value) ? value.isTrue() : true;
}

/** Go compares strings by bytes, which for valid text is the order of code points. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const [first, second] = [[...left], [...right]];
  for (let index = 0; index < Math.min(first.length, second.length); index++) {
    const difference = (first[index]?.codePointAt(0) ?? 0) - (second[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return first.length - second.length;
}

/** Keys in the order in which Go's templates and printers go through a map. */
export const sortedKeys = (map: GoMap): readonly string[] => [...map.keys()].sort(isAscii(map) ? undefined : compareText);

// Code units and code points are ordered alike below the surrogates.
const isAscii = (map: GoMap): boolean => [...map.keys()].every((key) => /^[\0-\ud7ff]*$/.test(key));

export const int = (value: number | bigint): GoInt => new GoInt(value, 'int');
export const int64 = (value: number | bigint): GoInt => new GoInt(value, 'int64');

/** A plain JavaScript value, such as parsed JSON, as templates see it; numbers are float64. */
export function fromPlain(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(fromPlain);
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'object') return new Map(Object.entries(value).map(([key, each]) => [key, fromPlain(each)]));
  return value as boolean | string | number;
}
