import { func, variadic } from '../builtins.ts';
import { toInt64 } from '../cast.ts';
import { deepEqual } from '../equal.ts';
import { CallError } from '../failure.ts';
import { type Func, type GoInt, type GoList, isList, isNil, isTrue, kindOf, typed, type Value } from '../value.ts';

const A = 'interface {}' as const;

/** @throws CallError in sprig's words, as `Cannot find first on type string` */
function itemsOf(value: Value, doing: string): GoList {
  if (isList(value)) return value;
  if (isNil(value)) throw new CallError('runtime error: invalid memory address or nil pointer dereference');
  throw new CallError(`Cannot ${doing} type ${kindOf(value)}`);
}

const includes = (items: GoList, value: Value): boolean => items.some((each) => deepEqual(value, each));

const push = func([A, A], (list: Value, value: Value) => [...itemsOf(list, 'push on'), value]);
const prepend = func([A, A], (list: Value, value: Value) => [value, ...itemsOf(list, 'prepend on')]);
const first = func([A], (list: Value) => itemsOf(list, 'find first on')[0] ?? null);
const last = func([A], (list: Value) => itemsOf(list, 'find last on').at(-1) ?? null);
const rest = func([A], (list: Value) => itemsOf(list, 'find rest on').slice(1));
const initial = func([A], (list: Value) => itemsOf(list, 'find initial on').slice(0, -1));
const reverse = func([A], (list: Value) => itemsOf(list, 'find reverse on').toReversed());
const compact = func([A], (list: Value) => itemsOf(list, 'compact on').filter(isTrue));
const uniq = func([A], (list: Value) =>
  itemsOf(list, 'find uniq on').reduce((kept: Value[], each) => {
    if (!includes(kept, each)) kept.push(each);
    return kept;
  }, []),
);
const without = variadic([A, A], (list: Value, omitted: GoList) =>
  itemsOf(list, 'find without on').filter((each) => !includes(omitted, each)),
);
const has = func([A, A], (needle: Value, list: Value) => !isNil(list) && includes(itemsOf(list, 'find has on'), needle));
const list = variadic([A], (values: GoList) => [...values]);

const slice = variadic([A, A], (value: Value, indexes: GoList) => {
  if (!isList(value)) throw new CallError(`list should be type of slice or array but ${kindOf(value)}`);
  if (value.length === 0) return null;
  const [from = 0, to = value.length] = indexes.map((index) => Number(toInt64(index)));
  if (from < 0 || to < from || to > value.length) throw new CallError(`reflect.Value.Slice: slice index out of bounds`);
  return value.slice(from, to);
});

const chunk = func(['int', A], ({ value: size }: GoInt, value: Value) => {
  const items = itemsOf(value, 'chunk');
  if (size <= 0n) throw new CallError(`Cannot chunk into parts of ${size}`);
  const step = Number(size);
  const parts = Array.from({ length: Math.ceil(items.length / step) }, (_, index) => items.slice(index * step, (index + 1) * step));
  return typed(parts as readonly Value[], '[][]interface {}');
});

export const listFunctions: Readonly<Record<string, Func>> = {
  list,
  tuple: list,
  ...{ append: push, push, mustAppend: push, mustPush: push },
  ...{ prepend, mustPrepend: prepend },
  ...{ first, mustFirst: first, last, mustLast: last },
  ...{ rest, mustRest: rest, initial, mustInitial: initial },
  ...{ reverse, mustReverse: reverse, compact, mustCompact: compact },
  ...{ uniq, mustUniq: uniq, without, mustWithout: without },
  ...{ has, mustHas: has, slice, mustSlice: slice, chunk, mustChunk: chunk },
  concat: variadic([A], (lists: GoList) =>
    lists.flatMap((each) => {
      if (!isList(each)) throw new CallError(`Cannot concat type ${kindOf(each)} as list`);
      return each;
    }),
  ),
};
