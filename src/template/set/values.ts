/** Values on their way between files, adapters and templates. */
import type { Values } from '../../model/install.ts';
import { mergeDocuments } from '../chart/values.ts';
import { GoInt, type GoMap, int64, isFunc, isList, isMap, isObject, type Value } from '../value.ts';

/**
 * A values file, whose documents are laid over each other.
 * @param where how messages name the file
 * @throws MeshctlError E_VALUES with file, line and column
 */
export const readValues = (source: string, where: string): GoMap => mergeDocuments(source, where, 'E_VALUES');

/** From here on Go prints floats with an exponent, which nobody means: a user of 1000650000 is no 1.00065e+09. */
const LEAST_EXPONENT = 1_000_000;

/** What templates see of plain values: floats, as those of a file; large whole numbers are integers. */
export const fromValues = (values: Values): GoMap => fromPlain(values) as GoMap;

function fromPlain(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(fromPlain);
  if (typeof value === 'bigint') return int64(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) && Math.abs(value) >= LEAST_EXPONENT ? int64(value) : value;
  if (typeof value === 'object') return new Map(Object.entries(value).map(([key, each]) => [key, fromPlain(each)]));
  return value as boolean | string;
}

/** Plain values of what templates see; integers beyond 2^53 are rounded. */
export const toValues = (map: GoMap): Values => toPlain(map) as Values;

function toPlain(value: Value): unknown {
  if (value === undefined) return null;
  if (value instanceof GoInt) return Number(value.value);
  // A key such as __proto__ must stay a key.
  if (isMap(value)) return Object.fromEntries([...value].map(([key, each]) => [key, toPlain(each)]));
  if (isList(value)) return value.map(toPlain);
  if (isFunc(value)) return null;
  return isObject(value) ? toPlain(value.plain()) : value;
}
