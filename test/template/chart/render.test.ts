/** What templates find besides their values, and which of them are rendered. */
import { describe, expect, it } from 'vitest';
import { type Files, render } from '../charts.ts';
import { top } from './parts.ts';

const CASES: readonly (readonly [title: string, files: Files, values: string, outputs: Files])[] = [
  [
    'files that begin with an underscore are not rendered',
    { ...top(), 'templates/_x.tpl': 'x', 'templates/d/_y': 'y', 'templates/d/z.txt': 'z' },
    '',
    { 'c/templates/d/z.txt': 'z', 'c/templates/v': '{}' },
  ],
  [
    'of a name that is defined twice, the file that sorts first wins',
    {
      ...top(),
      'templates/_a.tpl': '{{ define "n" }}a{{ end }}',
      'templates/_b.tpl': '{{ define "n" }}b{{ end }}',
      'templates/v': '{{ include "n" . }}',
    },
    '',
    { 'c/templates/v': 'a' },
  ],
  [
    'what one template sets in .Values the next one sees',
    {
      ...top('', 'm: {}'),
      'templates/b': '{{ $_ := set .Values.m "k" 1 }}{{ toJson .Values }}',
      'templates/a': '{{ toJson .Values }}',
      'templates/v': '',
    },
    '',
    { 'c/templates/a': '{"m":{"k":1}}', 'c/templates/b': '{"m":{"k":1}}', 'c/templates/v': '' },
  ],
  [
    '.Files',
    {
      ...top(),
      'conf/a.txt': 'line1\nline2\n',
      'conf/b.txt': 'B',
      'data/c.bin': 'x',
      'templates/v':
        '{{ .Files.Get "conf/a.txt" }}|{{ range .Files.Lines "conf/a.txt" }}<{{ . }}>{{ end }}|{{ (.Files.Glob "conf/*").AsConfig }}|{{ (.Files.Glob "conf/*.txt").AsSecrets }}|{{ range $p, $b := .Files.Glob "**.bin" }}{{ $p }}={{ $b | toString }}{{ end }}|{{ .Files.Get "no" }}|{{ len (.Files.Glob "{conf,data}/[ac].*") }}|{{ (.Files.Glob "no").AsConfig }}',
    },
    '',
    {
      'c/templates/v':
        'line1\nline2\n|<line1><line2>|a.txt: |\n  line1\n  line2\nb.txt: B|a.txt: bGluZTEKbGluZTIK\nb.txt: Qg==|data/c.bin=x||2|{}',
    },
  ],
  [
    '.Files holds neither templates, values nor Chart.yaml',
    { ...top(), 'README.md': 'r', 'crds/x.yaml': 'k: v', 'templates/v': '{{ range $p, $_ := .Files.Glob "**" }}{{ $p }} {{ end }}' },
    '',
    { 'c/templates/v': 'README.md crds/x.yaml ' },
  ],
  [
    '.Files stays in the chart',
    { ...top(), 'templates/v': '[{{ .Files.Get "../../etc/passwd" }}{{ .Files.Get "/etc/passwd" }}{{ .Files.Get "templates/v" }}]' },
    '',
    { 'c/templates/v': '[]' },
  ],
  [
    '.Chart has the fields of Chart.yaml',
    {
      ...top(
        'appVersion: "2.1"\ndescription: d\nannotations: {k: v}\nkeywords: [x]\nmaintainers: [{name: An, email: e}]\nkubeVersion: ">=1.20"\ntype: application\nhome: h\nsources: [s]\nicon: i\n',
      ),
      'templates/v':
        '{{ .Chart.AppVersion }} {{ .Chart.Description }} {{ .Chart.Annotations.k }} {{ .Chart.Annotations.no }} {{ .Chart.Keywords }} {{ (index .Chart.Maintainers 0).Name }} {{ .Chart.KubeVersion }} {{ .Chart.Type }} {{ .Chart.Home }} {{ .Chart.Sources }} {{ .Chart.Icon }} {{ .Chart.APIVersion }}',
    },
    '',
    { 'c/templates/v': '2.1 d v  [x] An >=1.20 application h [s] i v2' },
  ],
  ['a file that says it is empty is empty', { ...top(), 'templates/v': '{{- /* nothing */ -}}\n' }, '', { 'c/templates/v': '' }],
  [
    'include of a file by its path',
    {
      ...top(),
      'templates/a.yaml': 'x: {{ .Values.x }}',
      'templates/v': '{{ include (print $.Template.BasePath "/a.yaml") . | sha256sum }}',
    },
    'x: 1',
    { 'c/templates/a.yaml': 'x: 1', 'c/templates/v': 'db0d222aebf678ab8f8908b8622497211e3fc950097b9e147aae569348b37363' },
  ],
  [
    '.Capabilities',
    {
      ...top(),
      'templates/v':
        '{{ .Capabilities.APIVersions.Has "apps/v1" }} {{ .Capabilities.KubeVersion.Major }} {{ semverCompare ">=1.20-0" .Capabilities.KubeVersion.Version }} {{ if .Capabilities.APIVersions }}yes{{ end }}',
    },
    '',
    { 'c/templates/v': 'true 1 true yes' },
  ],
];

describe('the templates of a chart', () => {
  it.each(CASES)('%s', (_, files, values, outputs) => expect(Object.fromEntries(render(files, values).manifests)).toEqual(outputs));
});
