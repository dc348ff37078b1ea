/** Values of the user, of a chart and of its dependencies, laid over each other as Helm 4 does. */
import { describe, expect, it } from 'vitest';
import { type Files, render } from '../charts.ts';
import { SHOWN, sub, top } from './parts.ts';

const CASES: readonly (readonly [title: string, files: Files, values: string, outputs: Files])[] = [
  [
    'the user wins, and maps are merged',
    top('', 'a: 1\nm: {x: 1, y: 2}\nl: [1, 2]'),
    'm: {y: 3}\nl: [9]\nn: 1',
    { 'c/templates/v': '{"a":1,"false":1,"l":[9],"m":{"true":3,"x":1}}' },
  ],
  [
    'null takes a default away',
    top('', 'a: 1\nm: {x: 1, y: {z: 1}}'),
    'a: null\nm: {x: null}',
    { 'c/templates/v': '{"m":{"true":{"z":1}}}' },
  ],
  ['null takes a map away', top('', 'm: {x: 1}'), 'm: null', { 'c/templates/v': '{}' }],
  ['null for what has no default stays', top('', 'a: 1'), 'b: null\nm: {x: null}', { 'c/templates/v': '{"a":1,"b":null,"m":{"x":null}}' }],
  ['a default of null is nothing', top('', 'a: null\nm: {x: null, y: 1}'), '', { 'c/templates/v': '{"m":{"true":1}}' }],
  [
    'a default of null below a map of the user is nothing',
    top('', 'm: {x: null, y: 1}'),
    'm: {z: 1}',
    { 'c/templates/v': '{"m":{"true":1,"z":1}}' },
  ],
  ['a value takes the place of a map', top('', 'm: {x: 1}'), 'm: 1', { 'c/templates/v': '{"m":1}' }],
  ['a map takes the place of a value', top('', 'm: 1'), 'm: {x: 1}', { 'c/templates/v': '{"m":{"x":1}}' }],
  ['an empty map changes nothing', top('', 'm: {x: 1}'), 'm: {}', { 'c/templates/v': '{"m":{"x":1}}' }],
  [
    'integers of values files are floats',
    {
      ...top('', 'i: 1\nb: 1000000\nf: 1.5\nh: 0x10\nn: 12345678901234567890'),
      'templates/v':
        '{{ .Values.i }} {{ .Values.b }} {{ .Values.f }} {{ .Values.h }} {{ kindOf .Values.i }} {{ .Values.b | int }} {{ .Values.n }} {{ toYaml .Values }}',
    },
    '',
    { 'c/templates/v': '1 1e+06 1.5 16 float64 1000000  b: 1000000\nf: 1.5\n"false": 12345678901234567000\nh: 16\ni: 1' },
  ],
  [
    'text, dates and truth values as YAML 1.1 says',
    {
      ...top('', 'a: yes\nb: "yes"\nc: 2020-01-01\nd: 012\ne: ~\nf: on\ng: 1_000\nh: 12:30:45\ni: 1e3'),
      'templates/v': '{{ toJson .Values }}',
    },
    '',
    { 'c/templates/v': '{"a":true,"b":"yes","c":"2020-01-01","d":10,"f":true,"g":1000,"h":"12:30:45","i":1000}' },
  ],
  ['several documents are laid over each other', top('', 'a: 1\nb: 1\n---\nb: 2\n'), '', { 'c/templates/v': '{"a":1,"b":2}' }],
  ['an empty values.yaml is none', top('', ''), 'a: 1', { 'c/templates/v': '{"a":1}' }],
  [
    'a dependency sees its own values, the chart above all',
    { ...top('', 's: {a: 2}\no: 1'), ...sub('s', 'a: 1\nb: 1') },
    's: {b: 3}',
    { 'c/charts/s/templates/v': '{"a":2,"b":3,"global":{}}', 'c/templates/v': '{"o":1,"s":{"a":2,"b":3,"global":{}}}' },
  ],
  [
    'null takes a default of a dependency away',
    { ...top('', ''), ...sub('s', 'a: 1\nm: {x: 1, y: 2}') },
    's: {a: null, m: {x: null}}',
    { 'c/charts/s/templates/v': '{"global":{},"m":{"true":2}}', 'c/templates/v': '{"s":{"global":{},"m":{"true":2}}}' },
  ],
  [
    'the chart above takes a default of a dependency away',
    { ...top('', 's: {a: null}'), ...sub('s', 'a: 1\nb: 2') },
    '',
    { 'c/charts/s/templates/v': '{"a":1,"b":2,"global":{}}', 'c/templates/v': '{"s":{"a":1,"b":2,"global":{}}}' },
  ],
  [
    'globals reach every dependency',
    { ...top('', 'global: {g: 1, m: {x: 1}}'), ...sub('s', 'global: {g: 0, h: 1, m: {x: 2, y: 2}}') },
    'global: {u: 1}',
    {
      'c/charts/s/templates/v': '{"global":{"g":1,"h":1,"m":{"true":2,"x":1},"u":1}}',
      'c/templates/v': '{"global":{"g":1,"m":{"x":1},"u":1},"s":{"global":{"g":1,"h":1,"m":{"true":2,"x":1},"u":1}}}',
    },
  ],
  [
    'globals of a dependency below the chart',
    { ...top('', 's: {global: {g: 5}}'), ...sub('s', 'a: 1') },
    '',
    { 'c/charts/s/templates/v': '{"a":1,"global":{"g":5}}', 'c/templates/v': '{"s":{"a":1,"global":{"g":5}}}' },
  ],
  [
    'globals through two levels',
    {
      ...top('', 'global: {g: 1}'),
      ...sub('s', ''),
      'charts/s/charts/t/Chart.yaml': 'apiVersion: v2\nname: t\nversion: 1.0.0',
      'charts/s/charts/t/templates/v': SHOWN,
    },
    's: {t: {a: 1}}',
    {
      'c/charts/s/charts/t/templates/v': '{"a":1,"global":{"g":1}}',
      'c/charts/s/templates/v': '{"global":{"g":1},"t":{"a":1,"global":{"g":1}}}',
      'c/templates/v': '{"global":{"g":1},"s":{"global":{"g":1},"t":{"a":1,"global":{"g":1}}}}',
    },
  ],
];

describe('the values of a chart', () => {
  it.each(CASES)('%s', (_, files, values, outputs) => expect(Object.fromEntries(render(files, values).manifests)).toEqual(outputs));
});
