/** Times in UTC: a chart must render alike wherever it is rendered. @see https://pkg.go.dev/time */
import { func } from './builtins.ts';
import { type Func, GoInt, type GoObject, int, int64, isObject, methodsFrom, type Value } from './value.ts';

const times = new WeakMap<GoObject, number>();
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const RFC3339 = '2006-01-02T15:04:05.999999999Z07:00';

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

/** @param zone what the printed form calls it, and what documents write: TOML's local dates and times have none */
export function timeValue(milliseconds: number, zone = 'UTC', written = RFC3339): GoObject {
  const text = (): string => `${formatTime(milliseconds, '2006-01-02 15:04:05.999999999 -0700')} ${zone}`;
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
    String: func([], text),
  };
  const value: GoObject = {
    goType: 'time.Time',
    kind: 'struct',
    field: () => undefined,
    method: methodsFrom(methods),
    text,
    isTrue: () => true,
    plain: () => formatTime(milliseconds, written),
  };
  times.set(value, milliseconds);
  return value;
}

/** What is neither a time nor an integer is now. */
export function timeOf(value: Value): number {
  const known = isObject(value) ? times.get(value) : undefined;
  if (known !== undefined) return known;
  return value instanceof GoInt ? Number(value.value) * 1000 : Date.now();
}

/** The time that a text says by a layout; undefined when it does not follow it. */
export function parseTime(layout: string, text: string): number | undefined {
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
  const [day, minutes, seconds] = [Number(part('02', '2', '_2') ?? 1), Number(part('04', '4') ?? 0), Number(part('05', '5') ?? 0)];
  const time = Date.UTC(Number(part('2006') ?? 0), month - 1, day, hours, minutes, seconds);
  const isReal = new Date(time).getUTCDate() === day && month <= 12 && hours < 24 && minutes < 60 && seconds < 60;
  return isReal ? time - offset * 60_000 : undefined;
}
