/** Charts come from strangers: whatever they do ends soon, and reaches nothing but the chart. */
import { describe, expect, it } from 'vitest';
import { TemplateError } from '../../src/template/failure.ts';
import { failureOf, reasonOf, render, rendered } from './charts.ts';

/** Bounds a hundred times as narrow as the usual ones, so that a machine meets them at once. */
const LIMITS = { steps: 200_000, characters: 600_000, work: 2_500_000 };

const bounded = (text: string): string => {
  const failure = failureOf(() => render({ 'templates/t': text }, '', { limits: LIMITS }));
  return failure instanceof TemplateError ? failure.reason : failure.message;
};

describe('a template that goes on for ever', () => {
  it.each([
    ['includes itself', '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}'],
    [
      'includes another that includes it',
      '{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
    ],
    ['executes itself', '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}'],
    ['evaluates its own text', '{{ $d := dict "t" "{{ tpl .t . }}" }}{{ tpl $d.t $d }}'],
    [
      'mixes all of them',
      '{{ define "a" }}{{ tpl "{{ template \\"b\\" . }}" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ end }}{{ template "a" . }}',
    ],
  ])('%s: refused by its depth', (_, text) => expect(reasonOf(text)).toMatch(/depth|deeply/));

  it('loops in loops: refused by its steps', () => {
    const loops = '{{ range 1000 }}'.repeat(3);
    expect(bounded(`${loops}{{ $x := 1 }}${'{{ end }}'.repeat(3)}`)).toBe('the template takes too many steps');
  });

  it('counts to a number that no list has', () => {
    expect(bounded('{{ range 1000000000000 }}{{ end }}')).toBe('the template takes too many steps');
    expect(reasonOf('{{ until 1000000000 }}')).toBe('error calling until: the list would have 1000000000 items');
    expect(reasonOf('{{ untilStep 0 9223372036854775807 1 }}')).toMatch(/^error calling untilStep: the list would have/);
    expect(reasonOf('{{ seq 1 1000000000 }}')).toMatch(/^error calling seq: the list would have/);
  });
});

describe('a template that grows', () => {
  it.each([
    ['writes the same again and again', '{{ $s := repeat 1000000 "x" }}{{ range until 1000 }}{{ $s }}{{ end }}'],
    ['repeats', '{{ repeat 1000000000 "x" }}'],
    ['doubles a text', '{{ $s := "x" }}{{ range until 100 }}{{ $s = print $s $s }}{{ end }}'],
    ['doubles a text by printf', '{{ $s := "x" }}{{ range until 100 }}{{ $s = printf "%s%s" $s $s }}{{ end }}'],
    ['doubles a text by cat', '{{ $s := "x" }}{{ range until 100 }}{{ $s = cat $s $s }}{{ end }}'],
    ['doubles a text by join', '{{ $s := "x" }}{{ range until 100 }}{{ $s = join "" (list $s $s) }}{{ end }}'],
    ['doubles a text by replace', '{{ $s := "xx" }}{{ range until 100 }}{{ $s = replace "x" "xx" $s }}{{ end }}'],
    ['doubles a text by quoting', '{{ $s := "\\\\" }}{{ range until 100 }}{{ $s = $s | quote | toJson }}{{ end }}'],
    ['doubles a list', '{{ $l := list 1 }}{{ range until 100 }}{{ $l = concat $l $l }}{{ end }}'],
    ['doubles what a list shows', '{{ $l := list 1 }}{{ range until 100 }}{{ $l = list $l $l }}{{ end }}{{ mustToJson $l }}'],
    ['doubles what a list copies', '{{ $l := list 1 }}{{ range until 100 }}{{ $l = list $l $l }}{{ end }}{{ $l = deepCopy $l }}'],
    ['holds itself', '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ mustToYaml $d }}'],
    ['holds itself and is copied', '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $_ := deepCopy $d }}'],
    [
      'holds itself and is compared',
      '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $e := dict }}{{ $_ := set $e "d" $e }}{{ deepEqual $d $e }}',
    ],
    [
      'holds itself and is merged',
      '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $e := dict }}{{ $_ := set $e "d" $e }}{{ $_ := merge $d $e }}',
    ],
    ['holds itself and is printed', '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}'],
    ['holds itself and is written as TOML', '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ mustToToml $d }}'],
    ['pads', '{{ printf "%2000000000d" 1 }}'],
    ['indents', '{{ indent 1000000000 "x" }}'],
    ['asks for random text', '{{ randAlphaNum 1000000000 }}'],
    ['wraps', '{{ wrapWith 1 (repeat 100000 "-") (repeat 100000 "x") }}'],
  ])('%s: refused', (_, text) => expect(bounded(text)).toMatch(/too much|too large|too long|holds itself|is asked for/));

  it('nests deeper than a parser goes', () => {
    const deep = 100_000;
    expect(failureOf(() => rendered(`{{ ${'('.repeat(deep)}1${')'.repeat(deep)} }}`)).message).toMatch(/nested too deeply/);
    expect(failureOf(() => rendered(`${'{{ if 1 }}'.repeat(deep)}${'{{ end }}'.repeat(deep)}`)).message).toMatch(/nested too deeply/);
    expect(failureOf(() => rendered(`${'{{ if 1 }}{{ else '.repeat(deep)}`)).code).toBe('E_TEMPLATE');
    expect(failureOf(() => rendered(`{{ if 1 }}${'{{ else if 1 }}'.repeat(deep)}{{ end }}`)).message).toMatch(/nested too deeply/);
  });

  it('reads nested documents no deeper than they can be written', () => {
    expect(rendered(`{{ fromJson (print (repeat 5000 "[") (repeat 5000 "]")) | keys }}`)).toBe('[Error]');
    expect(rendered(`{{ fromYaml (print "a: " (repeat 5000 "[") (repeat 5000 "]")) | keys }}`)).toBe('[Error]');
    expect(rendered(`{{ fromToml (print "a = " (repeat 5000 "[") (repeat 5000 "]")) | keys }}`)).toBe('[Error]');
  });
});

describe('what a template cannot reach', () => {
  it('is the environment, the network and the files of the machine', () => {
    expect(reasonOf('{{ env "PATH" }}')).toBe('c/templates/t:1: function "env" not defined');
    expect(reasonOf('{{ expandenv "$PATH" }}')).toBe('c/templates/t:1: function "expandenv" not defined');
    expect(rendered('{{ getHostByName "localhost" }}')).toBe('');
    expect(rendered('{{ .Files.Get "/etc/passwd" }}{{ .Files.Get "../../../etc/passwd" }}{{ len (.Files.Glob "/**") }}')).toBe('0');
    expect(rendered('{{ lookup "v1" "Secret" "kube-system" "" }}')).toBe('map[]');
  });

  it('is what JavaScript gives to every object', () => {
    expect(rendered('{{ .Values.constructor }}{{ (dict).toString }}{{ (dict "a" 1).hasOwnProperty }}')).toBe('');
    expect(rendered('{{ (fromJson "{\\"__proto__\\": {\\"a\\": 1}}").a }}{{ (dict).a }}')).toBe('');
    expect(reasonOf('{{ .Files.constructor }}{{ .Capabilities.constructor }}')).toMatch(/constructor/);
    expect(rendered('{{ printf "%s" .Values.__proto__ }}{{ get .Values "__proto__" }}')).toBe('%!s(<nil>)');
  });
});

describe('a failure', () => {
  it('names template, line, column and expression, and who called it', () => {
    const failure = failureOf(() =>
      render({
        'templates/_h.tpl': '{{ define "h" }}\n  {{ .a.b.c }}{{ end }}',
        'templates/v': 'x: 1\ny: {{ include "h" (dict "a" nil) }}\n',
      }),
    );
    expect(failure.code).toBe('E_TEMPLATE');
    expect(failure.message).toBe('c/templates/_h.tpl:2:6: at <.a.b.c>: nil pointer evaluating interface {}.b');
    expect(failure.hint).toBe('Called from c/templates/v:2:7 <include "h" (dict "a" nil)>.');
  });

  it('of a text given to tpl names the place that gave it', () => {
    const failure = failureOf(() => rendered('a\n{{ tpl "{{ nosuch }}" . }}'));
    expect(failure.message).toBe(
      'c/templates/t:2:4: at <tpl "{{ nosuch }}" .>: error calling tpl: the text is no template: tpl:1: function "nosuch" not defined',
    );
  });

  it('before anything is rendered names the line', () => {
    expect(failureOf(() => rendered('a\nb {{ if }}')).message).toBe('c/templates/t:2: missing value for if');
  });
});
