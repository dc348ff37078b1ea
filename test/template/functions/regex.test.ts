// biome-ignore-all lint/suspicious/noTemplateCurlyInString: replacements of Go's regular expressions name groups so.
/** Regular expressions, as Helm 4 prints them. */
import { describe, expect, it } from 'vitest';
import { evaluated, refusalOf } from '../charts.ts';

const PRINTED: readonly (readonly [expression: string, printed: string])[] = [
  ['regexMatch "^a+$" "aaa"', 'true'],
  ['regexFind "[0-9]+" "ab12cd34"', '12'],
  ['regexFind "x" "ab"', ''],
  ['regexFindAll "[0-9]" "a1b2c3" 2', '[1 2]'],
  ['regexFindAll "[0-9]" "a1b2c3" -1', '[1 2 3]'],
  ['regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W"', '-W-xxW-'],
  ['regexReplaceAll "a(x*)b" "-ab-axxb-" "$1W"', '---'],
  ['regexReplaceAll "(?P<n>a)" "banana" "<${n}>"', 'b<a>n<a>n<a>'],
  ['regexReplaceAllLiteral "a(x*)b" "-ab-axxb-" "${1}"', '-${1}-${1}-'],
  ['regexSplit "z+" "pizzzza" -1', '[pi a]'],
  ['regexSplit "," "a,b,c" 2', '[a b,c]'],
  ['regexSplit "," "a,b,c" 0', '[]'],
  ['regexQuoteMeta "1.2*3"', '1\\.2\\*3'],
  ['mustRegexMatch "^a+$" "aaa"', 'true'],
  ['mustRegexFind "b+" "abb"', 'bb'],
  ['mustRegexFindAll "b" "abb" 1', '[b]'],
  ['mustRegexReplaceAll "b" "abb" "c"', 'acc'],
  ['mustRegexReplaceAllLiteral "b" "abb" "$0"', 'a$0$0'],
  ['mustRegexSplit "b" "abc" -1', '[a c]'],
  ['regexMatch "a(" "a"', 'false'],
];

const REFUSED: readonly (readonly [expression: string, reason: string])[] = [
  ['mustRegexMatch "a(" "a"', 'error calling mustRegexMatch: error parsing regexp: missing closing ): `a(`'],
  ['regexFind "a(" "a"', 'error calling regexFind: error parsing regexp: missing closing ): `a(`'],
];

describe('regular expressions', () => {
  it.each(PRINTED)('%s', (expression, printed) => expect(evaluated(expression)).toBe(printed));

  it.each(REFUSED)('%s fails', (expression, reason) => expect(refusalOf(expression)).toBe(reason));
});
