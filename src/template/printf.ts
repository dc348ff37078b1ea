/** Go's Printf, for the values that templates have. @see https://pkg.go.dev/fmt#hdr-Printing */
import { CallError } from './failure.ts';
import { float, plain } from './print.ts';
import { quoteGo } from './quote.ts';
import { assertWritable } from './size.ts';
import { GoInt, isList, isMap, isNil, isObject, sortedKeys, typeOf, type Value } from './value.ts';

const VERB = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(?:\[(\d+)\])?([\s\S]|$)/gu;

interface Flags {
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

/** Go's own bound. */
const MOST_WIDTH = 1_000_000;

function widthOf(given: number): number {
  if (Math.abs(given) > MOST_WIDTH) throw new CallError(`a width of ${given} is too large`);
  return given;
}

export function sprintf(format: string, args: readonly Value[]): string {
  let next = 0;
  const take = (): Value => args[next++];
  let reordered = false;
  const text = format.replace(
    VERB,
    (_, flags: string, width: string | undefined, precision: string | undefined, index: string | undefined, verb: string) => {
      if (verb === '') return '%!(NOVERB)';
      const number = (given: string | undefined): number | undefined => {
        if (given !== '*') return given === undefined ? undefined : widthOf(Number(given));
        const value = take();
        return value instanceof GoInt ? widthOf(Number(value.value)) : undefined;
      };
      const wide = number(width);
      const minus = flags.includes('-') || (wide !== undefined && wide < 0);
      const look: Flags = {
        minus,
        plus: flags.includes('+'),
        sharp: flags.includes('#'),
        space: flags.includes(' '),
        zero: flags.includes('0') && !minus,
        width: wide === undefined ? undefined : Math.abs(wide),
        precision: precision === '' ? 0 : number(precision),
      };
      if (verb === '%') return '%';
      if (index !== undefined) {
        next = Number(index) - 1;
        reordered = true;
      }
      if (next >= args.length) return `%!${verb}(${index === undefined ? 'MISSING' : 'BADINDEX'})`;
      return formatted(verb, take(), look);
    },
  );
  if (reordered || next >= args.length) return text;
  const extra = args.slice(next).map((value) => (isNil(value) ? '<nil>' : `${typeOf(value)}=${plain(value)}`));
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

function formatted(verb: string, value: Value, flags: Flags): string {
  assertWritable(value);
  return shown(verb, value, flags);
}

function shown(verb: string, value: Value, flags: Flags): string {
  if (verb === 'T') return pad(typeOf(value), flags);
  if (isNil(value)) return verb === 'v' ? pad('<nil>', flags) : `%!${verb}(<nil>)`;
  if (isList(value)) {
    const items = value.map((each) => shown(verb, each, flags));
    return verb === 'v' && flags.sharp ? `${typeOf(value)}{${items.join(', ')}}` : `[${items.join(' ')}]`;
  }
  if (isMap(value)) {
    const items = sortedKeys(value).map((key) => `${shown(verb, key, flags)}:${shown(verb, value.get(key), flags)}`);
    return verb === 'v' && flags.sharp ? `${typeOf(value)}{${items.join(', ')}}` : `map[${items.join(' ')}]`;
  }
  const bad = (): string => `%!${verb}(${typeOf(value)}=${plain(value)})`;
  if (typeof value === 'boolean') return verb === 'v' || verb === 't' ? pad(String(value), flags) : bad();
  if (typeof value === 'string') return ofString(verb, value, flags) ?? bad();
  if (typeof value === 'number') return ofFloat(verb, value, flags) ?? bad();
  if (value instanceof GoInt) return ofInt(verb, value.value, flags) ?? bad();
  const own = isObject(value) && verb !== 'v' && verb !== 's' ? value.plain() : undefined;
  if (own instanceof GoInt) return ofInt(verb, own.value, flags) ?? bad();
  return ofString(verb, plain(value), flags) ?? bad();
}

function ofString(verb: string, text: string, flags: Flags): string | undefined {
  const cut = flags.precision === undefined ? text : [...text].slice(0, flags.precision).join('');
  switch (verb) {
    case 'v':
      return pad(flags.sharp ? quoteGo(cut) : cut, flags);
    case 's':
      return pad(cut, flags);
    case 'q':
      return pad(flags.sharp && !cut.includes('`') && !/[\0-\x08\x0a-\x1f\x7f]/.test(cut) ? `\`${cut}\`` : quoteGo(cut), flags);
    case 'x':
    case 'X': {
      const hex = Buffer.from(text).toString('hex');
      return pad(verb === 'X' ? hex.toUpperCase() : hex, flags);
    }
    default:
      return undefined;
  }
}

const BASES: Readonly<Record<string, readonly [base: number, prefix: string]>> = {
  d: [10, ''],
  v: [10, ''],
  b: [2, '0b'],
  o: [8, '0'],
  O: [8, '0o'],
  x: [16, '0x'],
  X: [16, '0X'],
};

function ofInt(verb: string, value: bigint, flags: Flags): string | undefined {
  if (verb === 'c') return pad(String.fromCodePoint(Number(value)), flags);
  if (verb === 'q') return pad(`'${String.fromCodePoint(Number(value))}'`, flags);
  if (verb === 'U') return pad(`U+${value.toString(16).toUpperCase().padStart(4, '0')}`, flags);
  const base = BASES[verb];
  if (!base) return undefined;
  let digits = (value < 0n ? -value : value).toString(base[0]);
  if (verb === 'X') digits = digits.toUpperCase();
  if (flags.precision !== undefined) digits = digits.padStart(flags.precision, '0');
  const prefix = flags.sharp || verb === 'O' ? base[1] : '';
  return signed(value < 0n, prefix, digits, { ...flags, zero: flags.zero && flags.precision === undefined });
}

function ofFloat(verb: string, value: number, flags: Flags): string | undefined {
  const format = verb === 'v' ? 'g' : verb.toLowerCase() === 'f' ? 'f' : verb.toLowerCase();
  if (format !== 'e' && format !== 'f' && format !== 'g') return undefined;
  const standard = format === 'g' ? -1 : 6;
  let text = float(Math.abs(value), format, flags.precision ?? standard);
  if (verb === 'E' || verb === 'G') text = text.toUpperCase();
  return signed(value < 0 || Object.is(value, -0), '', text, flags);
}

function signed(isNegative: boolean, prefix: string, digits: string, flags: Flags): string {
  const sign = isNegative ? '-' : flags.plus ? '+' : flags.space ? ' ' : '';
  const room = (flags.width ?? 0) - sign.length - prefix.length;
  return flags.zero ? `${sign}${prefix}${digits.padStart(room, '0')}` : pad(`${sign}${prefix}${digits}`, { ...flags, zero: false });
}

function pad(text: string, { width = 0, minus, zero }: Flags): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  return minus ? text + ' '.repeat(missing) : (zero ? '0' : ' ').repeat(missing) + text;
}
