import { describe, expect, it } from 'vitest';
import { compileTemplate } from '../../src/template/engine.ts';
import { fromPlain, typed } from '../../src/template/value.ts';

describe('a template on its own', () => {
  it('is read once and executed with many data', () => {
    const execute = compileTemplate('t', '{{ define "x" }}<{{ . }}>{{ end }}{{ template "x" .a }}', {});
    expect([execute(fromPlain({ a: 1 })), execute(fromPlain({ a: 'b' }))]).toEqual(['<1>', '<b>']);
  });

  it('asks what is missing for its fields, and prints that it has no value', () => {
    expect(compileTemplate('t', '{{ .a.b.c }}|{{ if .a.b }}x{{ end }}', {})(fromPlain({}))).toBe('<no value>|');
  });

  it('does not ask nil for its fields', () => {
    expect(() => compileTemplate('t', '{{ .a.b }}', {})(fromPlain({ a: null }))).toThrow(/nil pointer evaluating interface \{\}\.b/);
  });

  it('finds an empty text where a map of texts lacks a key', () => {
    const labels = typed(new Map([['a', 'b']]), 'map[string]string');
    expect(compileTemplate('t', '{{ index . "a" }}{{ index . "c" | quote }}', {})(labels)).toBe('b""');
  });
});
