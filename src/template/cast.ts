/** Any value as a number or text, as sprig casts it: what makes no sense is zero. @see https://github.com/spf13/cast */
import { plain } from './print.ts';
import { GoInt, isNil, type Value } from './value.ts';

const MOST = (1n << 63n) - 1n;
const LEAST = -(1n << 63n);

export function toInt64(value: Value): bigint {
  if (value instanceof GoInt) return value.value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  // What float64 holds beyond int64 is the least of them on amd64.
  if (typeof value === 'number') return Number.isFinite(value) && Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : LEAST;
  if (typeof value === 'string') return textToInt(value);
  return 0n;
}

/** A prefix tells the base, and a leading zero an octal number, as in Go; behind a point only zeros may stand. */
function textToInt(text: string): bigint {
  const trimmed = text.includes('.') ? text.replace(/\.0*$/, '') : text;
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/s.exec(trimmed) ?? [];
  const prefixed = digits.replace(/^0(?=[0-7]+$)/, '0o');
  if (!/^(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/.test(prefixed)) return 0n;
  const value = BigInt(prefixed) * (sign === '-' ? -1n : 1n);
  return value > MOST || value < LEAST ? 0n : value;
}

export function toFloat64(value: Value): number {
  if (value instanceof GoInt) return Number(value.value);
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string')
    return /^[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value) ? Number(value.replaceAll('_', '')) : 0;
  return 0;
}

/** sprig's `toString`. */
export const toText = (value: Value): string => (isNil(value) ? '<nil>' : plain(value));
