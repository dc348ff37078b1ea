import { func, variadic } from '../builtins.ts';
import { toText } from '../cast.ts';
import { deepCopy, deepEqual } from '../equal.ts';
import { CallError } from '../failure.ts';
import { assertWritable } from '../size.ts';
import { type Func, type GoList, type GoMap, isMap, isNil, isTrue, kindOf, sortedKeys, typed, typeOf, type Value } from '../value.ts';

const A = 'interface {}' as const;
const M = 'map[string]interface {}' as const;

/** A nil map may be read, and not written. */
const writable = (map: GoMap | null): GoMap => {
  if (!map) throw new CallError('assignment to entry in nil map');
  return map;
};

/**
 * mergo: what the destination lacks, or has empty, comes from the source; maps are merged.
 * @param overwrites what the source has wins, even where it is empty
 * @see https://pkg.go.dev/dario.cat/mergo
 */
function merge(target: GoMap, source: GoMap | null, overwrites: boolean): GoMap {
  for (const [key, value] of source ?? []) {
    const own = target.get(key);
    if (isMap(value) && isMap(own)) merge(own, value, overwrites);
    else if (overwrites || (!isNil(value) && !isTrue(own))) target.set(key, value);
  }
  return target;
}

const merging = (overwrites: boolean): Func =>
  variadic([M, M], (target: GoMap | null, sources: readonly (GoMap | null)[]) => {
    for (const map of [target, ...sources]) assertWritable(map);
    return sources.reduce((map: GoMap, source) => merge(map, source, overwrites), target ?? new Map<string, Value>());
  });

function dig(args: GoList): Value {
  if (args.length < 3) throw new CallError('dig needs at least three arguments');
  const [map, otherwise] = [args.at(-1), args.at(-2)];
  let value: Value = map;
  for (const key of args.slice(0, -2)) {
    if (typeof key !== 'string') throw new CallError(`interface conversion: interface {} is ${typeOf(key)}, not string`);
    if (!isMap(value))
      throw new CallError(`interface conversion: interface {} is ${isNil(value) ? 'nil' : typeOf(value)}, not map[string]interface {}`);
    if (!value.has(key)) return otherwise;
    value = value.get(key);
  }
  return value;
}

function dict(args: GoList): GoMap {
  const map: GoMap = new Map();
  for (let index = 0; index < args.length; index += 2) map.set(toText(args[index]), index + 1 < args.length ? args[index + 1] : '');
  return map;
}

const copied = func([A], deepCopy);

export const mapFunctions: Readonly<Record<string, Func>> = {
  dict: variadic([A], dict),
  get: func([M, 'string'], (map: GoMap | null, key: string) => (map?.has(key) ? map.get(key) : '')),
  set: func([M, 'string', A], (map: GoMap | null, key: string, value: Value) => writable(map).set(key, value)),
  unset: func([M, 'string'], (map: GoMap | null, key: string) => {
    map?.delete(key);
    return map ?? new Map<string, Value>();
  }),
  hasKey: func([M, 'string'], (map: GoMap | null, key: string) => map?.has(key) === true),
  pluck: variadic(['string', M], (key: string, maps: readonly (GoMap | null)[]) =>
    maps.flatMap((map) => (map?.has(key) ? [map.get(key)] : [])),
  ),
  // Go gives keys in no order at all; a fixed one does no harm.
  keys: variadic([M], (maps: readonly (GoMap | null)[]) =>
    typed(maps.flatMap((map) => (map ? sortedKeys(map) : [])) as readonly Value[], '[]string'),
  ),
  values: func([M], (map: GoMap | null) => (map ? sortedKeys(map).map((key) => map.get(key)) : [])),
  pick: variadic(
    [M, 'string'],
    (map: GoMap | null, keys: readonly string[]) => new Map([...(map ?? [])].filter(([key]) => keys.includes(key))),
  ),
  omit: variadic(
    [M, 'string'],
    (map: GoMap | null, keys: readonly string[]) => new Map([...(map ?? [])].filter(([key]) => !keys.includes(key))),
  ),
  ...{ merge: merging(false), mustMerge: merging(false), mergeOverwrite: merging(true), mustMergeOverwrite: merging(true) },
  ...{ deepCopy: copied, mustDeepCopy: copied },
  dig: variadic([A], dig),
  deepEqual: func([A, A], deepEqual),
  default: variadic([A, A], (standard: Value, given: GoList) => (given.length > 0 && isTrue(given[0]) ? given[0] : standard)),
  empty: func([A], (value: Value) => !isTrue(value)),
  coalesce: variadic([A], (values: GoList) => values.find(isTrue) ?? null),
  all: variadic([A], (values: GoList) => values.every(isTrue)),
  any: variadic([A], (values: GoList) => values.some(isTrue)),
  typeOf: func([A], typeOf),
  typeIs: func(['string', A], (type: string, value: Value) => typeOf(value) === type),
  typeIsLike: func(['string', A], (type: string, value: Value) => typeOf(value) === type || typeOf(value) === `*${type}`),
  kindOf: func([A], kindOf),
  kindIs: func(['string', A], (kind: string, value: Value) => kindOf(value) === kind),
};
