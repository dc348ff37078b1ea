/** Which dependencies take part, under which names, and what they give. */
import { describe, expect, it } from 'vitest';
import { type Files, render } from '../charts.ts';
import { dep, SHOWN, sub, top } from './parts.ts';

const CASES: readonly (readonly [title: string, files: Files, values: string, outputs: Files])[] = [
  [
    'a condition turns it off',
    { ...top(dep([['s', 'condition: s.up']]), 's: {up: false}'), ...sub('s', 'a: 1') },
    '',
    { 'c/templates/v': '{"s":{"up":false}}' },
  ],
  [
    'the user turns it on again',
    { ...top(dep([['s', 'condition: s.up']]), 's: {up: false}'), ...sub('s', 'a: 1') },
    's: {up: true}',
    { 'c/charts/s/templates/v': '{"a":1,"global":{},"up":true}', 'c/templates/v': '{"s":{"a":1,"global":{},"up":true}}' },
  ],
  [
    'the first condition that is there decides',
    { ...top(dep([['s', 'condition: "x.no,s.up,s.other"']]), 's: {up: false, other: true}'), ...sub('s', '') },
    '',
    { 'c/templates/v': '{"s":{"other":true,"up":false}}' },
  ],
  [
    'a condition that is no truth value says nothing',
    { ...top(dep([['s', 'condition: s.up']]), 's: {up: "false"}'), ...sub('s', '') },
    '',
    { 'c/charts/s/templates/v': '{"global":{},"up":"false"}', 'c/templates/v': '{"s":{"global":{},"up":"false"}}' },
  ],
  [
    'a condition in the values of the dependency',
    { ...top(dep([['s', 'condition: s.up']]), ''), ...sub('s', 'up: false') },
    '',
    { 'c/templates/v': '{}' },
  ],
  [
    'a tag turns it off',
    {
      ...top(
        dep([
          ['s', 'tags: [t]'],
          ['u', 'tags: [t, o]'],
        ]),
        'tags: {t: false, o: true}',
      ),
      ...sub('s', ''),
      ...sub('u', ''),
    },
    '',
    { 'c/charts/u/templates/v': '{"global":{}}', 'c/templates/v': '{"tags":{"o":true,"t":false},"u":{"global":{}}}' },
  ],
  [
    'a condition beats a tag',
    { ...top(dep([['s', 'tags: [t], condition: s.up']]), 'tags: {t: false}\ns: {up: true}'), ...sub('s', '') },
    '',
    { 'c/charts/s/templates/v': '{"global":{},"up":true}', 'c/templates/v': '{"s":{"global":{},"up":true},"tags":{"t":false}}' },
  ],
  [
    'a tag that nobody sets leaves it on',
    { ...top(dep([['s', 'tags: [t]']]), ''), ...sub('s', '') },
    '',
    { 'c/charts/s/templates/v': '{"global":{}}', 'c/templates/v': '{"s":{"global":{}}}' },
  ],
  [
    'an alias names it',
    {
      ...top(
        dep([
          ['s', 'alias: p'],
          ['s', 'alias: q'],
        ]),
        'p: {a: 2}\nq: {a: 3}',
      ),
      ...sub('s', 'a: 1'),
    },
    '',
    {
      'c/charts/p/templates/v': '{"a":2,"global":{}}',
      'c/charts/q/templates/v': '{"a":3,"global":{}}',
      'c/templates/v': '{"p":{"a":2,"global":{}},"q":{"a":3,"global":{}}}',
    },
  ],
  [
    'an alias that is off',
    {
      ...top(
        dep([
          ['s', 'alias: p, condition: p.up'],
          ['s', 'alias: q'],
        ]),
        'p: {up: false}',
      ),
      ...sub('s', 'a: 1'),
    },
    '',
    { 'c/charts/q/templates/v': '{"a":1,"global":{}}', 'c/templates/v': '{"p":{"up":false},"q":{"a":1,"global":{}}}' },
  ],
  [
    'a chart that is not declared takes part',
    { ...top('', ''), ...sub('s', 'a: 1') },
    '',
    { 'c/charts/s/templates/v': '{"a":1,"global":{}}', 'c/templates/v': '{"s":{"a":1,"global":{}}}' },
  ],
  [
    'of two versions the one that fits',
    { ...top('dependencies:\n- {name: s, version: "2.x", repository: ""}\n', ''), ...sub('s', 'a: 1') },
    '',
    { 'c/charts/s/templates/v': '{"a":1,"global":{}}', 'c/templates/v': '{"s":{"a":1,"global":{}}}' },
  ],
  [
    'requirements.yaml of version 1',
    {
      'Chart.yaml': 'apiVersion: v1\nname: c\nversion: 1.0.0',
      'requirements.yaml': dep([['s', 'condition: s.up']]),
      'values.yaml': 's: {up: false}',
      'templates/v': SHOWN,
      ...sub('s', ''),
    },
    '',
    { 'c/templates/v': '{"s":{"up":false}}' },
  ],
  [
    'import-values by child and parent',
    { ...top(dep([['s', 'import-values: [{child: d, parent: m}]']]), 'm: {a: 0}'), ...sub('s', 'd: {a: 1, b: 2}') },
    '',
    {
      'c/charts/s/templates/v': '{"d":{"a":1,"b":2},"global":{}}',
      'c/templates/v': '{"m":{"a":0,"b":2},"s":{"d":{"a":1,"b":2},"global":{}}}',
    },
  ],
  [
    'import-values of exports',
    { ...top(dep([['s', 'import-values: [e]']]), 'o: 1'), ...sub('s', 'exports: {e: {x: 1, o: 2}}') },
    '',
    {
      'c/charts/s/templates/v': '{"exports":{"e":{"o":2,"x":1}},"global":{}}',
      'c/templates/v': '{"o":1,"s":{"exports":{"e":{"o":2,"x":1}},"global":{}},"x":1}',
    },
  ],
  [
    'import-values into the root',
    { ...top(dep([['s', 'import-values: [{child: d, parent: .}]']]), ''), ...sub('s', 'd: {x: 1}') },
    'x: 9',
    { 'c/charts/s/templates/v': '{"d":{"x":1},"global":{}}', 'c/templates/v': '{"s":{"d":{"x":1},"global":{}},"x":9}' },
  ],
  [
    'import-values of an alias',
    { ...top(dep([['s', 'alias: p, import-values: [{child: d, parent: m}]']]), 'p: {d: {z: 1}}'), ...sub('s', 'd: {a: 1}') },
    '',
    {
      'c/charts/p/templates/v': '{"d":{"a":1,"z":1},"global":{}}',
      'c/templates/v': '{"m":{"a":1,"z":1},"p":{"d":{"a":1,"z":1},"global":{}}}',
    },
  ],
  [
    'import-values of what is not there',
    { ...top(dep([['s', 'import-values: [{child: no, parent: m}, none]']]), ''), ...sub('s', 'd: 1') },
    '',
    { 'c/charts/s/templates/v': '{"d":1,"global":{}}', 'c/templates/v': '{"s":{"d":1,"global":{}}}' },
  ],
  [
    'conditions of dependencies of dependencies',
    {
      ...top(dep([['s', '']]), ''),
      ...sub('s', '', { yaml: dep([['t', 'condition: t.up']]) }),
      'charts/s/charts/t/Chart.yaml': 'apiVersion: v2\nname: t\nversion: 1.0.0',
      'charts/s/charts/t/templates/v': SHOWN,
    },
    's: {t: {up: false}}',
    { 'c/charts/s/templates/v': '{"global":{},"t":{"up":false}}', 'c/templates/v': '{"s":{"global":{},"t":{"up":false}}}' },
  ],
  [
    'a library only defines',
    {
      ...top(dep([['s', '']]), ''),
      ...sub('s', 'a: 1', { yaml: 'type: library\n' }),
      'charts/s/templates/_h.tpl': '{{ define "h" }}from {{ .Chart.Name }}{{ end }}',
      'templates/v': '{{ include "h" . }}',
    },
    '',
    { 'c/templates/v': 'from c' },
  ],
  [
    'the chart above redefines what a dependency defines',
    {
      ...top(dep([['s', '']]), ''),
      ...sub('s', ''),
      'charts/s/templates/_h.tpl': '{{ define "h" }}below{{ end }}',
      'charts/s/templates/v': '{{ include "h" . }}',
      'templates/_h.tpl': '{{ define "h" }}above{{ end }}',
      'templates/v': '{{ include "h" . }}',
    },
    '',
    { 'c/charts/s/templates/v': 'above', 'c/templates/v': 'above' },
  ],
  [
    'a dependency sees itself in .Chart and .Template',
    {
      ...top(dep([['s', 'alias: p']]), ''),
      ...sub('s', ''),
      'charts/s/templates/v': '{{ .Chart.Name }} {{ .Chart.IsRoot }} {{ .Template.Name }} {{ .Template.BasePath }} {{ .Release.Name }}',
    },
    '',
    { 'c/charts/p/templates/v': 'p false c/charts/p/templates/v c/charts/p/templates r', 'c/templates/v': '{"p":{"global":{}}}' },
  ],
  [
    'the chart above sees .Subcharts',
    {
      ...top(dep([['s', '']]), ''),
      ...sub('s', 'a: 1'),
      'templates/v': '{{ .Subcharts.s.Values.a }} {{ .Subcharts.s.Chart.Name }} {{ len .Subcharts }}',
    },
    '',
    { 'c/charts/s/templates/v': '{"a":1,"global":{}}', 'c/templates/v': '1 s 1' },
  ],
];

describe('the dependencies of a chart', () => {
  it.each(CASES)('%s', (_, files, values, outputs) => expect(Object.fromEntries(render(files, values).manifests)).toEqual(outputs));
});
