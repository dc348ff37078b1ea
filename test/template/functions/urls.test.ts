/** URLs, as Helm 4 prints them. */
import { describe, expect, it } from 'vitest';
import { evaluated, refusalOf } from '../charts.ts';

const PRINTED: readonly (readonly [expression: string, printed: string])[] = [
  [
    'urlParse "https://u:p@h.com:8080/a%20b?x=1#f"',
    'map[fragment:f host:h.com:8080 hostname:h.com opaque: path:/a b query:x=1 scheme:https userinfo:u:p]',
  ],
  ['urlParse "/x?y"', 'map[fragment: host: hostname: opaque: path:/x query:y scheme: userinfo:]'],
  ['urlParse "mailto:a@b"', 'map[fragment: host: hostname: opaque:a@b path: query: scheme:mailto userinfo:]'],
  ['urlJoin (dict "scheme" "http" "host" "h:80" "path" "/p" "query" "q=1" "fragment" "f")', 'http://h:80/p?q=1#f'],
  ['urlJoin (dict "host" "h" "path" "p" "userinfo" "u:p")', '//u:p@h/p'],
  ['urlJoin (urlParse "https://u:p@h.com:8080/a%20b?x=1#f")', 'https://u:p@h.com:8080/a%20b?x=1#f'],
  ['urlquery "a b&c=d/é"', 'a+b%26c%3Dd%2F%C3%A9'],
];

const REFUSED: readonly (readonly [expression: string, reason: string])[] = [
  ['urlParse "http://[bad"', 'error calling urlParse: unable to parse url: parse "http://[bad": missing \']\' in host'],
];

describe('URLs', () => {
  it.each(PRINTED)('%s', (expression, printed) => expect(evaluated(expression)).toBe(printed));

  it.each(REFUSED)('%s fails', (expression, reason) => expect(refusalOf(expression)).toBe(reason));
});
