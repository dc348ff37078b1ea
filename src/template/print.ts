/** Values as Go's fmt prints them. @see https://pkg.go.dev/fmt */
import { assertWritable } from './size.ts';
import { GoInt, isList, isMap, isNil, isObject, sortedKeys, type Value } from './value.ts';

/** As an action prints its value: what is missing is empty, as Helm makes of Go's `<no value>`. */
export const print = (value: Value): string => (isNil(value) ? '<no value>' : plain(value));

/** `%v`. */
export function plain(value: Value): string {
  assertWritable(value);
  return text(value);
}

function text(value: Value): string {
  if (isNil(value)) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return float(value, 'g');
  if (value instanceof GoInt) return value.value.toString();
  if (isMap(value))
    return `map[${sortedKeys(value)
      .map((key) => `${key}:${text(value.get(key))}`)
      .join(' ')}]`;
  if (isList(value)) return `[${value.map(text).join(' ')}]`;
  return isObject(value) ? value.text() : String(value);
}

/**
 * A float64 as strconv formats it.
 * @param precision digits; -1: as many as are needed to read the same number again
 */
export function float(value: number, format: 'e' | 'f' | 'g', precision = -1): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (format === 'f') return sign + (precision < 0 ? decimal(size) : fixed(size, precision));
  if (format === 'e') return sign + exponential(size, precision);
  const exponent = size === 0 ? 0 : Number(exponential(size, precision < 0 ? -1 : Math.max(precision, 1) - 1).split('e')[1]);
  // Without a precision six digits decide, whatever is shown: 1e+06.
  const most = precision < 0 ? 6 : precision === 0 ? 1 : precision;
  if (exponent < -4 || exponent >= most) return sign + exponential(size, precision < 0 ? -1 : Math.max(precision, 1) - 1, true);
  if (precision < 0) return sign + decimal(size);
  const text = fixed(size, Math.max(precision, 1) - 1 - exponent);
  return sign + (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
}

/** toFixed ends at 100 digits. */
const fixed = (size: number, digits: number): string =>
  size >= 1e21 ? `${BigInt(size)}${digits > 0 ? `.${'0'.repeat(digits)}` : ''}` : size.toFixed(Math.min(Math.max(digits, 0), 100));

/** The shortest digits, without exponent. */
function decimal(size: number): string {
  const [digits = '', exponent] = size.toString().split('e');
  if (exponent === undefined) return digits;
  const [whole = '', part = ''] = digits.split('.');
  const shift = Number(exponent);
  if (shift < 0) return `0.${'0'.repeat(-shift - 1)}${whole}${part}`;
  return `${whole}${part}`.padEnd(whole.length + shift, '0');
}

/** `1.5e+06`: the exponent has a sign and two digits at least. */
function exponential(size: number, precision: number, trims = false): string {
  const text = precision < 0 ? size.toExponential() : size.toExponential(Math.min(precision, 100));
  const [, digits = '', sign = '', exponent = ''] = /^(.*)e([+-])(\d+)$/.exec(text) ?? [];
  return `${trims && digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits}e${sign}${exponent.padStart(2, '0')}`;
}
