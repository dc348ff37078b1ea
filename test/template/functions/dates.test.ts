/** Dates, as Helm 4 prints them. */
import { describe, expect, it } from 'vitest';
import { evaluated, refusalOf } from '../charts.ts';

const PRINTED: readonly (readonly [expression: string, printed: string])[] = [
  ['date "2006-01-02" (toDate "2006-01-02" "2024-02-29")', '2024-02-29'],
  ['date "02 Jan 06 15:04 MST" (toDate "2006-01-02T15:04:05Z07:00" "2024-02-29T13:14:15Z")', '29 Feb 24 13:14 UTC'],
  ['dateInZone "Mon Jan _2 15:04:05 2006" 86400 "UTC"', 'Fri Jan  2 00:00:00 1970'],
  ['dateInZone "2006-01-02 15:04" 0 "UTC"', '1970-01-01 00:00'],
  ['date_in_zone "Monday, January 2 3:04PM" 86400 "UTC"', 'Friday, January 2 12:00AM'],
  ['htmlDate 0', '1970-01-01'],
  ['htmlDateInZone 86400 "UTC"', '1970-01-02'],
  ['unixEpoch (toDate "2006-01-02T15:04:05Z07:00" "2024-01-01T00:00:00Z")', '1704067200'],
  ['unixEpoch (toDate "2006-01-02T15:04:05Z07:00" "2024-01-01T00:00:00+02:00")', '1704060000'],
  ['dateModify "24h" (toDate "2006-01-02" "2024-02-28") | date "2006-01-02"', '2024-02-29'],
  ['date_modify "-24h" (toDate "2006-01-02" "2024-03-01") | date "2006-01-02"', '2024-02-29'],
  ['mustDateModify "1h" (toDate "2006-01-02" "2024-03-01") | date "15"', '01'],
  ['toDate "2006-01-02" "2024-02-29"', '2024-02-29 00:00:00 +0000 UTC'],
  ['(toDate "2006-01-02" "2024-02-29").Year', '2024'],
  ['(toDate "2006-01-02" "2024-02-29").Format "Jan"', 'Feb'],
  ['(toDate "2006-01-02" "2024-02-29").Unix', '1709164800'],
  ['toJson (toDate "2006-01-02" "2024-02-29")', '"2024-02-29T00:00:00Z"'],
  ['toYaml (toDate "2006-01-02" "2024-02-29")', '"2024-02-29T00:00:00Z"'],
];

const REFUSED: readonly (readonly [expression: string, reason: string])[] = [
  ['mustDateModify "x" (toDate "2006-01-02" "2024-03-01")', 'error calling mustDateModify: time: invalid duration "x"'],
  ['mustToDate "2006-01-02" "x"', 'error calling mustToDate: parsing time "x" as "2006-01-02": cannot parse'],
];

describe('dates', () => {
  it.each(PRINTED)('%s', (expression, printed) => expect(evaluated(expression)).toBe(printed));

  it.each(REFUSED)('%s fails', (expression, reason) => expect(refusalOf(expression)).toBe(reason));
});
