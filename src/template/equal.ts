/** reflect.DeepEqual. */
import { GoInt, isList, isMap, isNil, isObject, typeOf, type Value } from './value.ts';

export function deepEqual(left: Value, right: Value): boolean {
  if (isNil(left) || isNil(right)) return isNil(left) && isNil(right);
  if (typeOf(left) !== typeOf(right)) return false;
  if (left instanceof GoInt && right instanceof GoInt) return left.value === right.value;
  if (isList(left) && isList(right)) return left.length === right.length && left.every((each, index) => deepEqual(each, right[index]));
  if (isMap(left) && isMap(right)) {
    return left.size === right.size && [...left].every(([key, value]) => right.has(key) && deepEqual(value, right.get(key)));
  }
  if (isObject(left) && isObject(right)) return deepEqual(left.plain(), right.plain());
  return left === right;
}

export function deepCopy(value: Value): Value {
  if (isMap(value)) return new Map([...value].map(([key, each]) => [key, deepCopy(each)]));
  return isList(value) ? value.map(deepCopy) : value;
}
