/**
 * Bounds what a value unfolds to. A few dozen lists that each hold the one before twice are small in memory and
 * endless on paper, and a map can be set into itself.
 */
import { CallError } from './failure.ts';
import { isList, isMap, type Value } from './value.ts';

/** Characters, and a few for each entry. */
const MOST_SIZE = 64 * 1024 * 1024;
const ENTRY = 8;
const MOST_DEPTH = 500;

/** @throws CallError for what is larger or deeper than any document, or holds itself */
export function assertWritable(value: Value): void {
  if (isMap(value) || isList(value)) sizeOf(value, new Map(), 0);
}

/** @param known sizes of collections that were met before; NaN while one is being measured */
function sizeOf(value: Value, known: Map<Value, number>, depth: number): number {
  if (typeof value === 'string') return ENTRY + value.length;
  if (!isMap(value) && !isList(value)) return ENTRY;
  const met = known.get(value);
  if (met !== undefined) {
    if (Number.isNaN(met)) throw new CallError('the value holds itself');
    return met;
  }
  if (depth > MOST_DEPTH) throw new CallError('the value is nested too deeply');
  known.set(value, Number.NaN);
  let size = ENTRY;
  if (isMap(value)) for (const [key, each] of value) size += key.length + sizeOf(each, known, depth + 1);
  else for (const each of value) size += sizeOf(each, known, depth + 1);
  if (size > MOST_SIZE) throw new CallError('the value is too large');
  known.set(value, size);
  return size;
}
