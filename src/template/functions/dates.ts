/** Times as sprig reads and writes them. The clock is the machine's, as in Helm. */
import { func } from '../builtins.ts';
import { toInt64 } from '../cast.ts';
import { durationText, parseDuration } from '../duration.ts';
import { CallError } from '../failure.ts';
import { formatTime, parseTime, timeOf, timeValue } from '../time.ts';
import { type Func, GoInt, isObject, typeOf, type Value } from '../value.ts';

const SECOND = 1_000_000_000n;

/** Milliseconds; undefined for what is no duration. */
function millisecondsOf(text: string): number | undefined {
  const nanoseconds = parseDuration(text);
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e6;
}

/** What Go calls the zero time. */
const YEAR_ONE = -62_135_596_800_000;

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
    const more = millisecondsOf(text);
    if (more === undefined && strict) throw new CallError(`time: invalid duration ${JSON.stringify(text)}`);
    return timeValue(timeOf(time) + (more ?? 0));
  });

const toDate = (strict: boolean): Func =>
  func([S, S], (layout: string, text: string) => {
    const time = parseTime(layout, text);
    if (time === undefined && strict)
      throw new CallError(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse`);
    return timeValue(time ?? YEAR_ONE);
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
  ago: func([A], (value: Value) => durationText(BigInt(Math.round((Date.now() - timeOf(value)) / 1000)) * SECOND)),
  unixEpoch: func([A], (value: Value) => String(Math.floor(timeOf(value) / 1000))),
  duration: func([A], (value: Value) =>
    durationText(typeof value === 'string' || typeOf(value) === 'int64' ? toInt64(value) * SECOND : 0n),
  ),
  durationRound: func([A], (value: Value) => {
    if (typeof value === 'string') return rounded(millisecondsOf(value) ?? 0);
    if (value instanceof GoInt) return rounded(value.type === 'int64' ? Number(value.value / 1_000_000n) : 0);
    return rounded(isObject(value) ? Date.now() - timeOf(value) : 0);
  }),
};
