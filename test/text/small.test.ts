import { describe, expect, it } from 'vitest';
import { exampleText } from '../../src/text/example.ts';
import { nameGlob, pathGlob } from '../../src/text/glob.ts';
import { jsonFault, locateInJson } from '../../src/text/json.ts';
import { lineIndex } from '../../src/text/lines.ts';

describe('pathGlob', () => {
  it.each([
    ['*.yaml', 'a.yaml', true],
    ['*.yaml', 'deep/down/a.yaml', true],
    ['charts', 'apps/charts/x.yaml', true],
    ['apps/*.yaml', 'apps/a.yaml', true],
    ['apps/*.yaml', 'apps/deep/a.yaml', false],
    ['apps/**/a.yaml', 'apps/a.yaml', true],
    ['apps/**/a.yaml', 'apps/x/y/a.yaml', true],
    ['./apps/', 'apps/x.yaml', true],
    ['v?.yaml', 'v1.yaml', true],
    ['v?.yaml', 'v12.yaml', false],
    ['a+(b).yaml', 'a+(b).yaml', true],
  ])('%s matches %s: %s', (pattern, path, expected) => {
    expect(pathGlob(pattern)(path)).toBe(expected);
  });
});

describe('nameGlob', () => {
  it('takes no longer for many stars', () => {
    expect(nameGlob(`${'*a'.repeat(30)}*b`)('a'.repeat(250))).toBe(false);
    expect(nameGlob(`${'*a'.repeat(30)}*`)('a'.repeat(250))).toBe(true);
  });

  it.each([
    ['VirtualService shop/*', 'VirtualService shop/reviews', true],
    ['*', 'VirtualService shop/reviews', true],
    ['* shop/*', 'VirtualService shop/reviews', true],
    ['VirtualService shop', 'VirtualService shop/reviews', false],
  ])('%s matches %s: %s', (pattern, name, expected) => {
    expect(nameGlob(pattern)(name)).toBe(expected);
  });
});

describe('lineIndex', () => {
  it.each([
    [0, 1, 1],
    [3, 1, 4],
    [4, 2, 1],
    [7, 4, 1],
    [99, 4, 93],
  ])('puts offset %i at %i:%i', (offset, line, column) => {
    expect(lineIndex('abc\nd\n\nend').place(offset)).toEqual({ line, column });
  });
});

describe('JSON', () => {
  it('finds a key that stands twice in one object, but not one that stands in two', () => {
    expect(jsonFault('{"a": {"x": ["a", "x"]}, "b": {"x": "{"}}', 9)).toBeUndefined();
    expect(jsonFault('{"a": 1, "b": [{"c": 1, "c": 2}]}', 9)).toEqual({ is: 'duplicate', key: 'c', offset: 24 });
    expect(jsonFault('{"a\\"": 1, "\\u0061\\"": 2}', 9)).toEqual({ is: 'duplicate', key: 'a"', offset: 11 });
    expect(jsonFault('[[], [[["]"]]]]', 3)).toEqual({ is: 'too-deep', offset: 7 });
  });

  it('locates fields, and the nearest ancestor of a missing one', () => {
    const text = '{"spec": {"hosts": ["a", "b"]}}';
    const { find } = locateInJson(text);
    expect(text.slice(find(['spec', 'hosts', 1]).value.start, find(['spec', 'hosts', 1]).value.end)).toBe('"b"');
    const ancestor = find(['spec', 'http', 0]);
    expect(ancestor.key && text.slice(ancestor.key.start, ancestor.key.end)).toBe('"spec"');
  });
});

describe('exampleText', () => {
  it('cuts lines that are far too long, and no other', () => {
    const usual = `a: ${'x'.repeat(197)}`;
    expect(exampleText(`\n${usual}\nb: ${'y'.repeat(300)}\n  c: 1\n`)).toBe(`${usual}\nb: ${'y'.repeat(77)}… (303 characters)\n  c: 1`);
  });
});
