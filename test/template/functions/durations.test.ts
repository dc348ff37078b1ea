/** Durations, as Helm 4 prints them. */
import { describe, expect, it } from 'vitest';
import { evaluated, refusalOf } from '../charts.ts';

const PRINTED: readonly (readonly [expression: string, printed: string])[] = [
  ['mustToDuration "1h2m3s"', '1h2m3s'],
  ['mustToDuration "1.5h"', '1h30m0s'],
  ['mustToDuration 90', '1m30s'],
  ['mustToDuration 1.5', '1.5s'],
  ['mustToDuration "2.5"', '2.5s'],
  ['mustToDuration "-1m30s"', '-1m30s'],
  ['mustToDuration "100ms"', '100ms'],
  ['mustToDuration "1us"', '1µs'],
  ['mustToDuration "1ns"', '1ns'],
  ['mustToDuration "0"', '0s'],
  ['mustToDuration " 1s "', '1s'],
  ['mustToDuration (mustToDuration "1s")', '1s'],
  ['typeOf (mustToDuration "1s")', 'time.Duration'],
  ['kindOf (mustToDuration "1s")', 'int64'],
  ['durationSeconds "1m30s"', '90'],
  ['durationSeconds "1500ms"', '1.5'],
  ['durationSeconds "x"', '0'],
  ['typeOf (durationSeconds "1s")', 'float64'],
  ['durationMilliseconds "1.5s"', '1500'],
  ['durationMicroseconds "1ms"', '1000'],
  ['durationNanoseconds "1us"', '1000'],
  ['typeOf (durationNanoseconds "1us")', 'int64'],
  ['durationMinutes "90s"', '1.5'],
  ['durationHours "90m"', '1.5'],
  ['durationDays "36h"', '1.5'],
  ['durationWeeks "84h"', '0.5'],
  ['durationRoundTo "2h13m" "30m"', '2h0m0s'],
  ['durationRoundTo "2h16m" "30m"', '2h30m0s'],
  ['durationRoundTo "x" "30m"', '0s'],
  ['durationRoundTo "2h16m" "x"', '2h16m0s'],
  ['durationRoundTo "2h16m" 0', '2h16m0s'],
  ['durationTruncateTo "2h16m59s" "1m"', '2h16m0s'],
  ['durationTruncateTo "-2h16m59s" "1m"', '-2h16m0s'],
  ['durationTruncateTo "2h" 0', '2h0m0s'],
  ['(mustToDuration "90m").Hours', '1.5'],
  ['(mustToDuration "90m").Minutes', '90'],
  ['(mustToDuration "90s").Seconds', '90'],
  ['(mustToDuration "90s").String', '1m30s'],
  ['(mustToDuration "90s").Milliseconds', '90000'],
  ['add (mustToDuration "1s") 1', '1'],
  ['toYaml (mustToDuration "1s")', '1000000000'],
  ['toJson (dict "d" (mustToDuration "1s"))', '{"d":1000000000}'],
  ['printf "%v %s %d" (mustToDuration "1s") (mustToDuration "1s") (mustToDuration "1s")', '1s 1s 1000000000'],
  ['eq (mustToDuration "1s") (mustToDuration "1000ms")', 'true'],
  ['lt (mustToDuration "1s") (mustToDuration "2s")', 'true'],
  ['duration "3661"', '1h1m1s'],
  ['duration 95', '0s'],
  ['duration nil', '0s'],
  ['durationRound "2h10m5s"', '2h'],
  ['durationRound "400h"', '16d'],
  ['durationRound "30s"', '30s'],
  ['durationRound 1', '0s'],
  ['durationRound ""', '0s'],
];

const REFUSED: readonly (readonly [expression: string, reason: string])[] = [
  ['mustToDuration ""', 'error calling mustToDuration: empty duration'],
  ['mustToDuration "x"', 'error calling mustToDuration: could not parse duration "x"'],
  ['mustToDuration nil', 'error calling mustToDuration: invalid duration'],
  ['mustToDuration (list)', 'error calling mustToDuration: unsupported duration type []interface {}'],
  ['mustToDuration 9300000000', 'error calling mustToDuration: duration seconds overflow: 9300000000'],
];

describe('durations', () => {
  it.each(PRINTED)('%s', (expression, printed) => expect(evaluated(expression)).toBe(printed));

  it.each(REFUSED)('%s fails', (expression, reason) => expect(refusalOf(expression)).toBe(reason));
});
