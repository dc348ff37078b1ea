/** Times in UTC: a chart must render alike wherever it is rendered. The clock is the machine's, as in Helm. */
import { func } from '../builtins.ts';
import { toInt64 } from '../cast.ts';
import { CallError } from '../failure.ts';
import { type Func, GoInt, type GoObject, int, int64, isObject, type Value } from '../value.ts';

const times = new WeakMap<GoObject, number>();
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const LAYOUT = /January|Jan|Monday|Mon|2006|Z07:00|Z0700|-07:00|-0700|-07|MST|\.0+|\.9+|002|01|02|03|04|05|06|15|PM|pm|_2|1|2|3|4|5/g;

/** Formats by Go's reference time. @see https://pkg.go.dev/time#Layout */
export function formatTime(milliseconds: number, layout: string): string {
  const date = new Date(milliseconds);
  const [month, weekday, day, hours] = [date.getUTCMonth(), date.getUTCDay(), date.getUTCDate(), date.getUTCHours()];
  const two = (value: number): string => String(value).padStart(2, '0');
  const short = hours % 12 || 12;
  return layout.replace(LAYOUT, (part) => {
    if (/^\.[09]+$/.test(part)) {
      const digits = `${String(date.getUTCMilliseconds()).padStart(3, '0')}000000`.slice(0, part.length - 1);
      return part.startsWith('.0') ? `.${digits}` : `.${digits}`.replace(/\.?0+$/, '');
    }
    const values: Readonly<Record<string, string>> = {
      January: MONTHS[month] ?? '',
      Jan: (MONTHS[month] ?? '').slice(0, 3),
      '01': two(month + 1),
      '1': String(month + 1),
      Monday: DAYS[weekday] ?? '',
      Mon: (DAYS[weekday] ?? '').slice(0, 3),
      '02': two(day),
      _2: String(day).padStart(2, ' '),
      '2': String(day),
      '002': String(Math.floor((milliseconds - Date.UTC(date.getUTCFullYear(), 0)) / 86_400_000) + 1).padStart(3, '0'),
      '15': two(hours),
      '03': two(short),
      '3': String(short),
      '04': two(date.getUTCMinutes()),
      '4': String(date.getUTCMinutes()),
      '05': two(date.getUTCSeconds()),
      '5': String(date.getUTCSeconds()),
      '2006': String(date.getUTCFullYear()).padStart(4, '0'),
      '06': two(date.getUTCFullYear() % 100),
      PM: hours < 12 ? 'AM' : 'PM',
      pm: hours < 12 ? 'am' : 'pm',
      MST: 'UTC',
      'Z07:00': 'Z',
      Z0700: 'Z',
      '-07:00': '+00:00',
      '-0700': '+0000',
      '-07': '+00',
    };
    return values[part] ?? part;
  });
}

function timeValue(milliseconds: number): GoObject {
  const methods: Readonly<Record<string, Func>> = {
    Unix: func([], () => int64(Math.floor(milliseconds / 1000))),
    UnixMilli: func([], () => int64(milliseconds)),
    Year: func([], () => int(new Date(milliseconds).getUTCFullYear())),
    Day: func([], () => int(new Date(milliseconds).getUTCDate())),
    Hour: func([], () => int(new Date(milliseconds).getUTCHours())),
    Minute: func([], () => int(new Date(milliseconds).getUTCMinutes())),
    Second: func([], () => int(new Date(milliseconds).getUTCSeconds())),
    Format: func(['string'], (layout: string) => formatTime(milliseconds, layout)),
    UTC: func([], () => timeValue(milliseconds)),
    String: func([], () => formatTime(milliseconds, '2006-01-02 15:04:05.999999999 -0700 MST')),
  };
  const value: GoObject = {
    goType: 'time.Time',
    kind: 'struct',
    field: () => undefined,
    method: (name) => methods[name],
    text: () => formatTime(milliseconds, '2006-01-02 15:04:05.999999999 -0700 MST'),
    isTrue: () => true,
    plain: () => formatTime(milliseconds, '2006-01-02T15:04:05.999999999Z07:00'),
  };
  times.set(value, milliseconds);
  return value;
}

/** What is neither a time nor an integer is now. */
function timeOf(value: Value): number {
  const known = isObject(value) ? times.get(value) : undefined;
  if (known !== undefined) return known;
  return value instanceof GoInt ? Number(value.value) * 1000 : Date.now();
}

/** The time that a text says by a layout; undefined when it does not follow it. */
function parseTime(layout: string, text: string): number | undefined {
  const names: string[] = [];
  const digits: Readonly<Record<string, string>> = {
    '2006': '(\\d{4})',
    '06': '(\\d{2})',
    '01': '(\\d{2})',
    '1': '(\\d{1,2})',
    '02': '(\\d{2})',
    '2': '(\\d{1,2})',
    _2: ' ?(\\d{1,2})',
    '15': '(\\d{2})',
    '03': '(\\d{2})',
    '3': '(\\d{1,2})',
    '04': '(\\d{2})',
    '4': '(\\d{1,2})',
    '05': '(\\d{2})',
    '5': '(\\d{1,2})',
    January: `(${MONTHS.join('|')})`,
    Jan: `(${MONTHS.map((name) => name.slice(0, 3)).join('|')})`,
    PM: '(AM|PM)',
    'Z07:00': '(Z|[+-]\\d{2}:\\d{2})',
    '-07:00': '([+-]\\d{2}:\\d{2})',
    '-0700': '([+-]\\d{4})',
  };
  let source = '';
  let at = 0;
  for (const found of layout.matchAll(LAYOUT)) {
    source += layout.slice(at, found.index).replace(/[^\w]/g, '\\$&');
    const pattern = digits[found[0]];
    if (pattern === undefined) source += '[^\\s]*';
    else {
      source += pattern;
      names.push(found[0]);
    }
    at = found.index + found[0].length;
  }
  const match = new RegExp(`^${source}${layout.slice(at).replace(/[^\w]/g, '\\$&')}$`).exec(text);
  if (!match) return undefined;
  const part = (...keys: readonly string[]): string | undefined => match[names.findIndex((name) => keys.includes(name)) + 1 || Number.NaN];
  const named = part('January', 'Jan');
  const month = named === undefined ? Number(part('01', '1') ?? 1) : MONTHS.findIndex((name) => name.startsWith(named)) + 1;
  const zone = part('Z07:00', '-07:00', '-0700') ?? 'Z';
  const offset = zone === 'Z' ? 0 : (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))) * (zone.startsWith('-') ? -1 : 1);
  const half = part('PM');
  const hours = half === undefined ? Number(part('15') ?? 0) : (Number(part('03', '3') ?? 0) % 12) + (half === 'PM' ? 12 : 0);
  return (
    Date.UTC(
      Number(part('2006') ?? 0),
      month - 1,
      Number(part('02', '2', '_2') ?? 1),
      hours,
      Number(part('04', '4') ?? 0),
      Number(part('05', '5') ?? 0),
    ) -
    offset * 60_000
  );
}

const UNITS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds; undefined for what is no duration. */
function parseDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  if (!/^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  const sum = [...text.matchAll(/([\d.]+)([a-zµ]+)/g)].reduce(
    (total, [, value, unit = '']) => total + Number(value) * (UNITS[unit] ?? 0),
    0,
  );
  return text.startsWith('-') ? -sum : sum;
}

/** `1h2m3s`. */
function durationText(seconds: bigint): string {
  const size = seconds < 0n ? -seconds : seconds;
  const [hours, minutes, rest] = [size / 3600n, (size / 60n) % 60n, size % 60n];
  return `${seconds < 0n ? '-' : ''}${hours > 0n ? `${hours}h` : ''}${hours > 0n || minutes > 0n ? `${minutes}m` : ''}${rest}s`;
}

const ROUND: readonly (readonly [string, number])[] = [
  ['y', 365 * 86_400_000],
  ['mo', 30 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

function rounded(milliseconds: number): string {
  const size = Math.abs(milliseconds);
  const unit = ROUND.find(([, length]) => size > length);
  return unit ? `${Math.floor(size / unit[1])}${unit[0]}` : '0s';
}

const S = 'string' as const;
const A = 'interface {}' as const;

const modified = (strict: boolean): Func =>
  func([S, A], (text: string, time: Value) => {
    const more = parseDuration(text);
    if (more === undefined && strict) throw new CallError(`time: invalid duration ${JSON.stringify(text)}`);
    return timeValue(timeOf(time) + (more ?? 0));
  });

const toDate = (strict: boolean): Func =>
  func([S, S], (layout: string, text: string) => {
    const time = parseTime(layout, text);
    if (time === undefined && strict)
      throw new CallError(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse`);
    return timeValue(time ?? Date.UTC(1, 0));
  });

const inZone = func([S, A, S], (layout: string, value: Value) => formatTime(timeOf(value), layout));

export const dateFunctions: Readonly<Record<string, Func>> = {
  now: func([], () => timeValue(Date.now())),
  date: func([S, A], (layout: string, value: Value) => formatTime(timeOf(value), layout)),
  htmlDate: func([A], (value: Value) => formatTime(timeOf(value), '2006-01-02')),
  htmlDateInZone: func([A, S], (value: Value) => formatTime(timeOf(value), '2006-01-02')),
  ...{ dateInZone: inZone, date_in_zone: inZone },
  ...{ dateModify: modified(false), date_modify: modified(false), mustDateModify: modified(true), must_date_modify: modified(true) },
  ...{ toDate: toDate(false), mustToDate: toDate(true) },
  ago: func([A], (value: Value) => durationText(BigInt(Math.round((Date.now() - timeOf(value)) / 1000)))),
  unixEpoch: func([A], (value: Value) => String(Math.floor(timeOf(value) / 1000))),
  duration: func([A], (value: Value) => durationText(typeof value === 'string' || value instanceof GoInt ? toInt64(value) : 0n)),
  durationRound: func([A], (value: Value) => {
    if (typeof value === 'string') return rounded(parseDuration(value) ?? 0);
    if (value instanceof GoInt) return rounded(Number(value.value / 1_000_000n));
    return rounded(isObject(value) ? Date.now() - timeOf(value) : 0);
  }),
};
