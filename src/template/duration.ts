/** Go's time.Duration, in nanoseconds. @see https://pkg.go.dev/time#Duration */
import { func } from './builtins.ts';
import { type Func, type GoObject, int64, isObject, methodsFrom, type Value } from './value.ts';

const UNITS: readonly (readonly [name: string, nanoseconds: bigint])[] = [
  ['h', 3_600_000_000_000n],
  ['m', 60_000_000_000n],
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['us', 1000n],
  ['µs', 1000n],
  ['μs', 1000n],
  ['ns', 1n],
];

const SIZES: ReadonlyMap<string, bigint> = new Map(UNITS);
const MOST = (1n << 63n) - 1n;

/** @returns undefined for what is no duration, or too long a one */
export function parseDuration(text: string): bigint | undefined {
  if (/^[+-]?0$/.test(text)) return 0n;
  if (!/^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
  const sum = [...text.matchAll(/(\d*)\.?(\d*)([a-zµμ]+)/g)].reduce((total, [, whole = '', part = '', unit = '']) => {
    const digits = part.slice(0, 18);
    return total + (BigInt(whole + digits) * (SIZES.get(unit) ?? 0n)) / 10n ** BigInt(digits.length);
  }, 0n);
  if (sum > MOST) return undefined;
  return text.startsWith('-') ? -sum : sum;
}

/** `1h2m3.5s`; below a second `1.5ms`. */
export function durationText(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const sign = nanoseconds < 0n ? '-' : '';
  if (size === 0n) return '0s';
  if (size < 1_000_000_000n) {
    const unit = size >= 1_000_000n ? 'ms' : size >= 1000n ? 'µs' : 'ns';
    return `${sign}${fraction(size, SIZES.get(unit) ?? 1n)}${unit}`;
  }
  const [hours, minutes] = [size / 3_600_000_000_000n, (size / 60_000_000_000n) % 60n];
  const seconds = fraction(size % 60_000_000_000n, 1_000_000_000n);
  return `${sign}${hours > 0n ? `${hours}h` : ''}${hours > 0n || minutes > 0n ? `${minutes}m` : ''}${seconds}s`;
}

function fraction(size: bigint, unit: bigint): string {
  const digits = String(size % unit).padStart(String(unit).length - 1, '0');
  const part = unit === 1n ? '' : digits.replace(/0+$/, '');
  return `${size / unit}${part === '' ? '' : `.${part}`}`;
}

const nanoseconds = new WeakMap<GoObject, bigint>();

export function durationValue(size: bigint): GoObject {
  const text = (): string => durationText(size);
  const methods: Readonly<Record<string, Func>> = {
    Hours: func([], () => Number(size) / 3.6e12),
    Minutes: func([], () => Number(size) / 6e10),
    Seconds: func([], () => Number(size) / 1e9),
    Milliseconds: func([], () => int64(size / 1_000_000n)),
    Microseconds: func([], () => int64(size / 1000n)),
    Nanoseconds: func([], () => int64(size)),
    String: func([], text),
  };
  const value: GoObject = {
    goType: 'time.Duration',
    kind: 'int64',
    field: () => undefined,
    method: methodsFrom(methods),
    text,
    isTrue: () => size !== 0n,
    plain: () => int64(size),
  };
  nanoseconds.set(value, size);
  return value;
}

/** Nanoseconds; undefined for what is no value of this type. */
export const nanosecondsOf = (value: Value): bigint | undefined => (isObject(value) ? nanoseconds.get(value) : undefined);
