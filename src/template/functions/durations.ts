/** Helm's functions for durations. A number is seconds; all but one of them make nothing of what is no duration. */
import { func } from '../builtins.ts';
import { durationValue, nanosecondsOf, parseDuration } from '../duration.ts';
import { CallError } from '../failure.ts';
import { float } from '../print.ts';
import { type Func, GoInt, isNil, typeOf, type Value } from '../value.ts';

const A = 'interface {}' as const;
const SECOND = 1_000_000_000n;
const MOST_SECONDS = 9_223_372_036n;

/** Nanoseconds. @throws CallError for what is no duration, or too long a one */
function durationOf(value: Value): bigint {
  const known = nanosecondsOf(value);
  if (known !== undefined) return known;
  if (isNil(value)) throw new CallError('invalid duration');
  if (typeof value === 'string') {
    const text = value.trim();
    if (text === '') throw new CallError('empty duration');
    const parsed = parseDuration(text);
    if (parsed !== undefined) return parsed;
    if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return ofSeconds(Number(text));
    throw new CallError(`could not parse duration ${JSON.stringify(value)}`);
  }
  if (typeof value === 'number') return ofSeconds(value);
  if (!(value instanceof GoInt)) throw new CallError(`unsupported duration type ${typeOf(value)}`);
  if (value.value > MOST_SECONDS || value.value < -MOST_SECONDS) throw new CallError(`duration seconds overflow: ${value.value}`);
  return value.value * SECOND;
}

function ofSeconds(seconds: number): bigint {
  if (!Number.isFinite(seconds)) throw new CallError(`invalid duration seconds: ${float(seconds, 'g')}`);
  if (Math.abs(seconds * 1e9) >= 2 ** 63) throw new CallError(`duration seconds overflow: ${float(seconds, 'g')}`);
  return BigInt(Math.trunc(seconds * 1e9));
}

const durationOr = (value: Value, otherwise: bigint): bigint => {
  try {
    return durationOf(value);
  } catch (error) {
    if (error instanceof CallError) return otherwise;
    throw error;
  }
};

const floats = (unit: number): Func => func([A], (value: Value) => Number(durationOr(value, 0n)) / unit);
const integers = (unit: bigint): Func => func([A], (value: Value) => new GoInt(durationOr(value, 0n) / unit, 'int64'));

/** To multiples of a duration; without one that makes sense, nothing changes. */
const toMultiples = (change: (size: bigint, step: bigint) => bigint): Func =>
  func([A, A], (value: Value, multiple: Value) => {
    const [size, step] = [durationOr(value, 0n), durationOr(multiple, 0n)];
    return durationValue(step > 0n ? change(size, step) : size);
  });

export const durationFunctions: Readonly<Record<string, Func>> = {
  mustToDuration: func([A], (value: Value) => durationValue(durationOf(value))),
  durationSeconds: floats(1e9),
  durationMilliseconds: integers(1_000_000n),
  durationMicroseconds: integers(1000n),
  durationNanoseconds: integers(1n),
  durationMinutes: floats(6e10),
  durationHours: floats(3.6e12),
  durationDays: floats(8.64e13),
  durationWeeks: floats(6.048e14),
  // Halves go away from zero.
  durationRoundTo: toMultiples((size, step) => ((size + (size < 0n ? -step : step) / 2n) / step) * step),
  durationTruncateTo: toMultiples((size, step) => (size / step) * step),
};
