import { func, variadic } from '../builtins.ts';
import { toFloat64, toInt64 } from '../cast.ts';
import { CallError } from '../failure.ts';
import { plain } from '../print.ts';
import { type Func, type GoInt, int, int64, typed, type Value } from '../value.ts';

const A = 'interface {}' as const;
const I = 'int' as const;

/** More items than this are a mistake, or an attack. */
const MOST_ITEMS = 1_000_000;

function steps(from: bigint, to: bigint, step: bigint): readonly GoInt[] {
  if ((to < from && step >= 0n) || (to >= from && step <= 0n)) return [];
  const count = (to - from) / step;
  if (count > MOST_ITEMS) throw new CallError(`the list would have ${count} items`);
  const items: GoInt[] = [];
  for (let each = from; step > 0n ? each < to : each > to; each += step) items.push(int(each));
  return items;
}

const ints = (items: readonly GoInt[]): Value => typed(items as readonly Value[], '[]int');

function sequence(params: readonly GoInt[]): string {
  const [first = 0n, second = 0n, third = 0n] = params.map(({ value }) => value);
  const shown = (from: bigint, to: bigint, step: bigint): string => steps(from, to, step).map(plain).join(' ');
  switch (params.length) {
    case 1:
      return first < 1n ? shown(1n, first - 1n, -1n) : shown(1n, first + 1n, 1n);
    case 2:
      return second < first ? shown(first, second - 1n, -1n) : shown(first, second + 1n, 1n);
    case 3:
      if (third < first) return second > 0n ? '' : shown(first, third - 1n, second);
      return shown(first, third + 1n, second);
    default:
      return '';
  }
}

const folded = (start: bigint, values: readonly Value[], combine: (left: bigint, right: bigint) => bigint): GoInt =>
  int64(values.reduce((sum: bigint, value) => BigInt.asIntN(64, combine(sum, toInt64(value))), start));

function divided(left: Value, right: Value, combine: (left: bigint, right: bigint) => bigint): GoInt {
  if (toInt64(right) === 0n) throw new CallError('runtime error: integer divide by zero');
  return int64(combine(toInt64(left), toInt64(right)));
}

/** Digits behind the point of a float's shortest form. */
const scaleOf = (value: number): number => {
  const [digits = '', exponent = '0'] = value.toString().split('e');
  return Math.max((digits.split('.')[1]?.length ?? 0) - Number(exponent), 0);
};

const scaled = (value: number, scale: number): bigint => {
  const [digits = '', exponent = '0'] = value.toString().split('e');
  const [whole = '', part = ''] = digits.split('.');
  const shift = scale + Number(exponent) - part.length;
  return BigInt(whole + part) * 10n ** BigInt(Math.max(shift, 0));
};

/** In decimal, as sprig computes, so that 0.1 and 0.2 are 0.3. */
function decimal(start: Value, values: readonly Value[], combine: (left: number, right: number) => number): number {
  return values.reduce((sum: number, value) => combine(sum, toFloat64(value)), toFloat64(start));
}

function sum(left: number, right: number): number {
  const scale = Math.max(scaleOf(left), scaleOf(right));
  return fromScaled(scaled(left, scale) + scaled(right, scale), scale);
}

function product(left: number, right: number): number {
  const [first, second] = [scaleOf(left), scaleOf(right)];
  return fromScaled(scaled(left, first) * scaled(right, second), first + second);
}

/** Sixteen digits behind the point, rounded, as the decimal library divides. */
function quotient(left: number, right: number): number {
  if (right === 0) throw new CallError('decimal division by 0');
  const scale = Math.max(scaleOf(left), scaleOf(right));
  const [first, second] = [scaled(left, scale), scaled(right, scale)];
  const digits = (first * 10n ** 17n) / second;
  const rounded = (digits + (digits < 0n ? -5n : 5n)) / 10n;
  return fromScaled(rounded, 16);
}

const fromScaled = (value: bigint, scale: number): number => Number(`${value}e-${scale}`);

function rounded(value: Value, places: GoInt, options: readonly Value[]): number {
  const on = options.length > 0 ? toFloat64(options[0]) : 0.5;
  const power = 10 ** Number(places.value);
  const digit = power * toFloat64(value);
  return (digit - Math.trunc(digit) >= on ? Math.ceil(digit) : Math.floor(digit)) / power;
}

const chosen = (value: Value, others: readonly Value[], isBetter: (left: bigint, right: bigint) => boolean): GoInt =>
  int64(others.map(toInt64).reduce((best, each) => (isBetter(each, best) ? each : best), toInt64(value)));

const largest = variadic([A, A], (value: Value, others: readonly Value[]) => chosen(value, others, (left, right) => left > right));

export const numberFunctions: Readonly<Record<string, Func>> = {
  atoi: func(['string'], (text: string) =>
    int(
      /^[+-]?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text.replace('+', ''))) === BigInt(text.replace('+', ''))
        ? BigInt(text.replace('+', ''))
        : 0n,
    ),
  ),
  int64: func([A], (value: Value) => int64(toInt64(value))),
  int: func([A], (value: Value) => int(toInt64(value))),
  float64: func([A], toFloat64),
  seq: variadic([I], sequence),
  toDecimal: func([A], (value: Value) => int64(/^[+-]?[0-7]+$/.test(plain(value)) ? Number.parseInt(plain(value), 8) : 0)),
  until: func([I], (count: GoInt) => ints(steps(0n, count.value, count.value < 0n ? -1n : 1n))),
  untilStep: func([I, I, I], (from: GoInt, to: GoInt, step: GoInt) => ints(steps(from.value, to.value, step.value))),
  add1: func([A], (value: Value) => int64(toInt64(value) + 1n)),
  add: variadic([A], (values: readonly Value[]) => folded(0n, values, (left, right) => left + right)),
  sub: func([A, A], (left: Value, right: Value) => int64(toInt64(left) - toInt64(right))),
  div: func([A, A], (left: Value, right: Value) => divided(left, right, (first, second) => first / second)),
  mod: func([A, A], (left: Value, right: Value) => divided(left, right, (first, second) => first % second)),
  mul: variadic([A, A], (value: Value, values: readonly Value[]) => folded(toInt64(value), values, (left, right) => left * right)),
  add1f: func([A], (value: Value) => sum(toFloat64(value), 1)),
  addf: variadic([A], (values: readonly Value[]) => decimal(0, values, sum)),
  subf: variadic([A, A], (value: Value, values: readonly Value[]) => decimal(value, values, (left, right) => sum(left, -right))),
  divf: variadic([A, A], (value: Value, values: readonly Value[]) => decimal(value, values, quotient)),
  mulf: variadic([A, A], (value: Value, values: readonly Value[]) => decimal(value, values, product)),
  biggest: largest,
  max: largest,
  min: variadic([A, A], (value: Value, others: readonly Value[]) => chosen(value, others, (left, right) => left < right)),
  maxf: variadic([A, A], (value: Value, others: readonly Value[]) => Math.max(toFloat64(value), ...others.map(toFloat64))),
  minf: variadic([A, A], (value: Value, others: readonly Value[]) => Math.min(toFloat64(value), ...others.map(toFloat64))),
  ceil: func([A], (value: Value) => Math.ceil(toFloat64(value))),
  floor: func([A], (value: Value) => Math.floor(toFloat64(value))),
  round: variadic([A, I, 'float64'], rounded),
};
