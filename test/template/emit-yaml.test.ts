/** YAML as toYaml of Helm 4 writes it. */
import { describe, expect, it } from 'vitest';
import { evaluated } from './charts.ts';

const WRITTEN: readonly (readonly [expression: string, yaml: string])[] = [
  [
    'toYaml (list "true" "1" "1.5" "null" "~" "yes" "a: b" "- x" "#c" "" " lead" "trail " "0x1" "2020-01-01" "1e3" "é" "a\\tb" "@a" "%b" "`c" "1_000" "012" "0o7" "12:30:45" ".5" "+1" "=" "<<" "y" "n" "off" ".inf" "-" "?" ":" "a:" ":a" "a#b" "[x" "x]" "{x" "x}" "a, b" "*a" "&a" "!a" "|" ">" "---" "..." "\'" "\\"" "it\'s" "\\\\" "$x" "{{ x }}")',
    "- \"true\"\n- \"1\"\n- \"1.5\"\n- \"null\"\n- \"~\"\n- \"yes\"\n- 'a: b'\n- '- x'\n- '#c'\n- \"\"\n- ' lead'\n- 'trail '\n- \"0x1\"\n- \"2020-01-01\"\n- \"1e3\"\n- é\n- \"a\\tb\"\n- '@a'\n- '%b'\n- '`c'\n- \"1_000\"\n- \"012\"\n- \"0o7\"\n- \"12:30:45\"\n- \".5\"\n- \"+1\"\n- =\n- <<\n- \"y\"\n- \"n\"\n- \"off\"\n- \".inf\"\n- '-'\n- '?'\n- ':'\n- 'a:'\n- :a\n- a#b\n- '[x'\n- x]\n- '{x'\n- x}\n- a, b\n- '*a'\n- '&a'\n- '!a'\n- '|'\n- '>'\n- '---'\n- '...'\n- ''''\n- '\"'\n- it's\n- \\\n- $x\n- '{{ x }}'",
  ],
  [
    'toYaml (list "a\\nb" "a\\nb\\n" "a\\nb\\n\\n" "\\na" " a\\nb" "a \\nb" "a\\n b" "\\n" "a\\n\\nb" "a\\tb\\nc" "é\\n日" "😀" "\\u0001" "\\u00a0" "\\ufeff")',
    '- |-\n  a\n  b\n- |\n  a\n  b\n- |+\n  a\n  b\n\n- |2-\n\n  a\n- |2-\n   a\n  b\n- "a \\nb"\n- |-\n  a\n   b\n- |2+\n\n- |-\n  a\n\n  b\n- "a\\tb\\nc"\n- |-\n  é\n  日\n- "\\U0001F600"\n- "\\x01"\n-  \n- "\\uFEFF"',
  ],
  [
    'toYaml (dict "b" 1 "a" 2 "B" 3 "a10" 4 "a2" 5 "1" 6 "10" 7 "2" 8 "-" 9 "_" 10 "" 11 "true" 12 "a b" 13 "a: b" 14)',
    '"": 11\n\'-\': 9\n_: 10\n"1": 6\n"2": 8\n"10": 7\nB: 3\na: 2\na b: 13\n\'a: b\': 14\na2: 5\na10: 4\nb: 1\n"true": 12',
  ],
  [
    'toYaml (dict "m" (dict "l" (list 1 (dict "x" 1 "y" (list)) (list 1 (list 2)) (dict)) "e" (dict)) "n" nil)',
    'm:\n  e: {}\n  l:\n  - 1\n  - x: 1\n    "y": []\n  - - 1\n    - - 2\n  - {}\n"n": null',
  ],
  [
    'toYaml (list (repeat 20 "word ") (repeat 20 "\'word\' ") (repeat 20 "\\"word\\": ") (repeat 100 "x") (printf "%s\\n" (repeat 20 "word ")))',
    "- 'word word word word word word word word word word word word word word word word\n  word word word word '\n- '''word'' ''word'' ''word'' ''word'' ''word'' ''word'' ''word'' ''word'' ''word''\n  ''word'' ''word'' ''word'' ''word'' ''word'' ''word'' ''word'' ''word'' ''word''\n  ''word'' ''word'' '\n- '\"word\": \"word\": \"word\": \"word\": \"word\": \"word\": \"word\": \"word\": \"word\": \"word\":\n  \"word\": \"word\": \"word\": \"word\": \"word\": \"word\": \"word\": \"word\": \"word\": \"word\": '\n- xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n- \"word word word word word word word word word word word word word word word word\n  word word word word \\n\"",
  ],
  [
    'toYaml (dict "k" (repeat 20 "word "))',
    "k: 'word word word word word word word word word word word word word word word word\n  word word word word '",
  ],
  [
    'toYaml (dict (repeat 129 "k") 1 (repeat 128 "k") 2 (repeat 130 "z") (dict "a" (list 1)))',
    'kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk: 2\n? kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n: 1\n? zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\n: a:\n  - 1',
  ],
  ['toYaml (list (dict "a\\nb" 1) (dict "c\\n" (list 1)))', '- ? |-\n    a\n    b\n  : 1\n- ? |\n    c\n  : - 1'],
  [
    'toYaml (list 1 1.0 1.5 1e6 1e20 1e21 1e-7 0.1 -0.5 12345678901234567890.0 123456789.0 9007199254740993.0)',
    '- 1\n- 1\n- 1.5\n- 1000000\n- 1e+20\n- 1e+21\n- 1e-07\n- 0.1\n- -0.5\n- 12345678901234567000\n- 123456789\n- 9007199254740992',
  ],
  ['toYaml (list true false nil)', '- true\n- false\n- null'],
  ['toYaml 5', '5'],
  ['toYaml "a: b"', "'a: b'"],
  ['toYaml (list)', '[]'],
  ['toYaml (dict)', '{}'],
  ['toYaml "x\\ny"', '|-\n  x\n  y'],
];

describe('toYaml', () => {
  it.each(WRITTEN)('%s', (expression, yaml) => expect(evaluated(expression)).toBe(yaml));
});
