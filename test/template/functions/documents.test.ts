/** Documents, as Helm 4 prints them. */
import { describe, expect, it } from 'vitest';
import { evaluated, refusalOf } from '../charts.ts';

const PRINTED: readonly (readonly [expression: string, printed: string])[] = [
  ['fromJson "{\\"a\\": 1}"', 'map[a:1]'],
  ['fromJson "[1]" | keys', '[Error]'],
  ['fromJson "{" | keys', '[Error]'],
  ['fromJsonArray "[1, \\"a\\", null]"', '[1 a <nil>]'],
  ['fromJsonArray "{" | len', '1'],
  ['mustFromJson "[1]"', '[1]'],
  ['toJson (dict "b" 1 "a" (list 1.5 "x" nil true))', '{"a":[1.5,"x",null,true],"b":1}'],
  ['toJson "<a>&\\u2028\\x7f\\u0001"', '"\\u003ca\\u003e\\u0026\\u2028\\u0001"'],
  ['toJson 1e21', '1e+21'],
  ['toJson 1e-7', '1e-7'],
  ['toJson nil', 'null'],
  ['toPrettyJson (dict "a" (list 1) "b" (dict) "c" (list))', '{\n  "a": [\n    1\n  ],\n  "b": {},\n  "c": []\n}'],
  ['toRawJson "<a>&"', '"<a>&"'],
  ['mustToJson (dict "a" 1)', '{"a":1}'],
  ['mustToPrettyJson (list 1)', '[\n  1\n]'],
  ['mustToRawJson "<"', '"<"'],
  ['fromYaml "a: 1\\nb: [x, y]"', 'map[a:1 b:[x true]]'],
  ['fromYaml "a: b: c" | keys', '[Error]'],
  ['fromYaml "[1]" | keys', '[Error]'],
  ['fromYaml ""', 'map[]'],
  ['fromYamlArray "- 1\\n- a"', '[1 a]'],
  ['fromYamlArray "a: 1" | len', '1'],
  [
    'toYaml (fromYaml "a: 0777\\nb: 0o7\\nc: 1e3\\nd: 2020-01-01\\ne: yes\\nf: ~\\ng: 1_000\\nh: 0b11\\ni: 12:30\\nj: 1.0\\nk: .5\\nl: 0x1F\\nm: off\\nn: y")',
    'a: 511\nb: 7\nc: 1000\nd: "2020-01-01"\ne: true\nf: null\n"false": true\ng: 1000\nh: 3\ni: "12:30"\nj: 1\nk: 0.5\nl: 31\nm: false',
  ],
  ['toYaml (fromYaml "a: &x {b: 1}\\nc: *x\\nd: {<<: *x, e: 2}")', 'a:\n  b: 1\nc:\n  b: 1\nd:\n  b: 1\n  e: 2'],
  ['fromToml "a = 1\\nb = 1.5\\n[t]\\nx = [1, \\"a\\"]\\n[[u]]\\ny = true"', 'map[a:1 b:1.5 t:map[x:[1 a]] u:[map[y:true]]]'],
  ['fromToml "a = " | keys', '[Error]'],
  ['typeOf (fromToml "a = 1").a', 'int64'],
  ['typeOf (fromToml "a = 1.0").a', 'float64'],
  [
    'fromToml "d = 1979-05-27T07:32:00Z\\ne = 1979-05-27\\nf = 07:32:00\\ng = 1979-05-27T07:32:00"',
    'map[d:1979-05-27 07:32:00 +0000 UTC e:1979-05-27 00:00:00 +0000 date-local f:0000-01-01 07:32:00 +0000 time-local g:1979-05-27 07:32:00 +0000 datetime-local]',
  ],
  ['fromToml "a.b = 1\\n\\"c d\\" = \'x\'"', 'map[a:map[b:1] c d:x]'],
  [
    'toToml (dict "a" 1 "b" "x" "c" true "d" 1.5 "e" 2.0 "f" 1e21 "g" 1e6 "h" 123456789.0)',
    'a = 1\nb = "x"\nc = true\nd = 1.5\ne = 2.0\nf = 1e+21\ng = 1e+06\nh = 1.23456789e+08\n',
  ],
  ['toToml (dict "t" (dict "x" 1) "a" 1)', 'a = 1\n\n[t]\n  x = 1\n'],
  ['toToml (dict "t" (dict "u" (dict "v" (dict "w" 1)) "x" 1) "s" (dict))', '[s]\n\n[t]\n  x = 1\n  [t.u]\n    [t.u.v]\n      w = 1\n'],
  ['toToml (dict "l" (list 1 2 "a" 1.5) "m" (list) "n" (list (list 1) (list "a")))', 'l = [1, 2, "a", 1.5]\nm = []\nn = [[1], ["a"]]\n'],
  ['toToml (dict "l" (list (dict "a" 1) (dict "a" 2 "b" (dict "c" 3))))', '[[l]]\n  a = 1\n\n[[l]]\n  a = 2\n  [l.b]\n    c = 3\n'],
  [
    'toToml (dict "o" (dict "l" (list (dict "a" 1) (dict "b" (list (dict "c" 2))))))',
    '[o]\n\n  [[o.l]]\n    a = 1\n\n  [[o.l]]\n\n    [[o.l.b]]\n      c = 2\n',
  ],
  ['toToml (dict "l" (list 1 (dict "a" 1 "b" (dict "c" 1))))', 'l = [1, {a = 1, b = {c = 1}}]\n'],
  ['toToml (dict "a" nil "b" 1)', 'b = 1\n'],
  ['toToml (dict "a b" 1 "" 2 "c.d" (dict "é" 1) "x-y_Z9" 3)', '"" = 2\n"a b" = 1\nx-y_Z9 = 3\n\n["c.d"]\n  "é" = 1\n'],
  ['toToml (dict "a" "q\\"b\\\\c\\nd\\te\\u0001\\u007f\\u00e9\\b\\f\\r")', 'a = "q\\"b\\\\c\\nd\\te\\u0001\\u007fé\\b\\f\\r"\n'],
  ['toToml "a"', '"a"'],
  ['toToml 1', '1'],
  ['toToml 1.0', '1.0'],
  ['toToml (list 1 2)', '[1, 2]'],
  ['toToml (list (dict "a" 1))', 'toml: top-level values must be Go maps or structs'],
  ['toToml (dict "a" (list nil))', 'toml: cannot encode array with nil element'],
  ['toToml (dict "a" (list 1 nil))', 'toml: cannot encode array with nil element'],
  ['toToml (dict "a" (list (dict "b" 1) nil))', 'toml: cannot encode array with nil element'],
  ['toToml (dict)', ''],
  ['toToml (list)', '[]'],
  ['toToml (splitList "," "a,b")', '["a", "b"]'],
  ['toToml (dict "a" (splitList "," "a,b") "k" (until 2))', 'a = ["a", "b"]\nk = [0, 1]\n'],
  ['mustToToml (dict "a" 1)', 'a = 1\n'],
  ['toToml (dict "a" (mustToDuration "90s") "t" (toDate "2006-01-02" "2024-02-29"))', 'a = "1m30s"\nt = 2024-02-29T00:00:00Z\n'],
  ['toToml (fromToml "a = 1\\nd = 1979-05-27T07:32:00Z")', 'a = 1\nd = 1979-05-27T07:32:00Z\n'],
  ['toToml (dict "a" (dict "b" (list (dict)) "c" (list (list (dict "x" 1)))))', '[a]\n  c = [[{x = 1}]]\n\n  [[a.b]]\n'],
  [
    'toYamlPretty (dict "a" (list 1 2 (dict "b" "c")) "d" (dict "e" (list)) "f" "yes" "g" "1")',
    'a:\n  - 1\n  - 2\n  - b: c\nd:\n  e: []\nf: "yes"\ng: "1"',
  ],
  ['toYamlPretty (list (list 1 2) "a")', '- - 1\n  - 2\n- a'],
  ['toYamlPretty "a\\nb"', '|-\n  a\n  b'],
  ['toYamlPretty 1.0', '1'],
  ['toYamlPretty nil', 'null'],
  ['toYamlPretty (dict "a" "x\\ny\\n" "n" nil "t" true "f" 1.5)', 'a: |\n  x\n  y\nf: 1.5\n"n": null\nt: true'],
  [
    'toYamlPretty (dict "y" "y" "no" "no" "on" "on" "e" "" "nul" "null" "d" "2020-01-01" "h" "0x1" "o" "012" "c" "a: b" "s" " a" "sx" "12:30:45" "fl" "1e3" "bang" "!x" "hash" "a #b")',
    'bang: \'!x\'\nc: \'a: b\'\nd: "2020-01-01"\ne: ""\nfl: "1e3"\nh: "0x1"\nhash: \'a #b\'\n"no": "no"\nnul: "null"\no: "012"\n"on": "on"\ns: \' a\'\nsx: "12:30:45"\n"y": "y"',
  ],
  ['toYamlPretty (dict "10" 1 "9" 2 "a1" 1 "a10" 2 "a2" 3 "B" 1)', '"9": 2\n"10": 1\nB: 1\na1: 1\na2: 3\na10: 2'],
  [
    'toYamlPretty (dict "long" (repeat 30 "word "))',
    "long: 'word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word '",
  ],
  ['toYamlPretty (dict "float" 1e21 "small" 0.000001 "int" 10 "big" 100000000.0)', 'big: 1e+08\nfloat: 1e+21\nint: 10\nsmall: 1e-06'],
];

const REFUSED: readonly (readonly [expression: string, reason: string])[] = [
  ['mustFromJson "{"', "error calling mustFromJson: Expected property name or '}' in JSON at position 1"],
  ['toJson 100000000000000000000', '100000000000000000000 overflows int'],
  ['toToml nil', 'error calling toToml: reflect: call of reflect.Value.Type on zero Value'],
  ['mustToToml (dict "a" (list nil))', 'error calling mustToToml: toml: cannot encode array with nil element'],
];

describe('documents', () => {
  it.each(PRINTED)('%s', (expression, printed) => expect(evaluated(expression)).toBe(printed));

  it.each(REFUSED)('%s fails', (expression, reason) => expect(refusalOf(expression)).toBe(reason));
});
