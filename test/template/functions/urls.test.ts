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
  ['urlJoin (dict "host" "h" "path" "/a b/é?x#y" "fragment" "f g")', '//h/a%20b/%C3%A9%3Fx%23y#f%20g'],
  ['urlJoin (dict "host" "h" "path" "/a[1]{2}\\"<>^`|\\\\")', '//h/a%5B1%5D%7B2%7D%22%3C%3E%5E%60%7C%5C'],
  ['urlJoin (dict "host" "h" "path" "/a;,:@&=+$.!~*\'()-_%25")', '//h/a;,:@&=+$.%21~%2A%27%28%29-_%2525'],
  ['urlquery "a/b?c=d&e+f~g-h_i.j*k\'(l)!"', 'a%2Fb%3Fc%3Dd%26e%2Bf~g-h_i.j%2Ak%27%28l%29%21'],
  ['urlJoin (dict "host" "h" "fragment" "a/b?c#d!()*\\x27 é")', '//h#a/b?c%23d!()*%27%20%C3%A9'],
  ['urlquery (b64dec "//79")', '%FF%FE%FD'],
];

const REFUSED: readonly (readonly [expression: string, reason: string])[] = [
  ['urlParse "http://[bad"', 'error calling urlParse: unable to parse url: parse "http://[bad": missing \']\' in host'],
];

describe('URLs', () => {
  it.each(PRINTED)('%s', (expression, printed) => expect(evaluated(expression)).toBe(printed));

  it.each(REFUSED)('%s fails', (expression, reason) => expect(refusalOf(expression)).toBe(reason));
});
