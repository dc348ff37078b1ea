/** reflect.DeepEqual. */
import { assertWritable } from './size.ts';
import { GoInt, isList, isMap, isNil, isObject, typeOf, type Value } from './value.ts';

/** @throws CallError for what is too large to be compared */
export function deepEqual(left: Value, right: Value): boolean {
  assertWritable(left);
  assertWritable(right);
  return isEqual(left, right);
}

function isEqual(left: Value, right: Value): boolean {
  if (isNil(left) || isNil(right)) return isNil(left) && isNil(right);
  if (typeOf(left) !== typeOf(right)) return false;
  if (left instanceof GoInt && right instanceof GoInt) return left.value === right.value;
  if (isList(left) && isList(right)) return left.length === right.length && left.every((each, index) => isEqual(each, right[index]));
  if (isMap(left) && isMap(right)) {
    return left.size === right.size && [...left].every(([key, value]) => right.has(key) && isEqual(value, right.get(key)));
  }
  if (isObject(left) && isObject(right)) return isEqual(left.plain(), right.plain());
  return left === right;
}

/** @throws CallError for what is too large to be copied */
export function deepCopy(value: Value): Value {
  assertWritable(value);
  return copyOf(value);
}

/** The same for what was read from files, whose parser has bounds of its own. */
export function copyOf(value: Value): Value {
  if (isMap(value)) return new Map([...value].map(([key, each]) => [key, copyOf(each)]));
  return isList(value) ? value.map(copyOf) : value;
}
