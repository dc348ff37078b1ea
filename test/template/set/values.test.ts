/** Values between files, adapters and templates. */
import { describe, expect, it } from 'vitest';
import { toJson } from '../../../src/template/json.ts';
import { setValue } from '../../../src/template/set/set-value.ts';
import { fromValues, readValues, toValues } from '../../../src/template/set/values.ts';
import { int64, typeOf } from '../../../src/template/value.ts';
import { failureOf } from '../charts.ts';

describe('a values file', () => {
  it('is read with its documents laid over each other', () => {
    expect(toJson(readValues('a: 1\nm: {x: 1}\n---\nm: {z: 2}\n', 'v.yaml'))).toBe('{"a":1,"m":{"x":1,"z":2}}');
    expect(readValues('', 'v.yaml').size).toBe(0);
    expect(readValues('# nothing\n---\n', 'v.yaml').size).toBe(0);
  });

  it.each([
    ['a: 1\nb: [', 'v.yaml:2:'],
    ['a: 1\na: 2\n', 'v.yaml:2:1: The key "a" stands twice in this mapping.'],
    ['a: 1\n---\nb: 1\nb: 2\n', 'v.yaml:4:1: The key "b" stands twice in this mapping.'],
    ['- a\n', 'v.yaml holds no mapping.'],
    ['text', 'v.yaml holds no mapping.'],
  ])('%j is refused with its place', (source, message) => {
    const failure = failureOf(() => readValues(source, 'v.yaml'));
    expect(failure.code).toBe('E_VALUES');
    expect(failure.message.startsWith(message)).toBe(true);
  });
});

describe('plain values', () => {
  it('come back as they went in', () => {
    const values = { a: 1, b: 1.5, big: 1_000_650_000, c: 'x', d: true, e: null, l: [1, { x: 'y' }], m: { n: {} } };
    expect(toValues(fromValues(values))).toEqual(values);
  });

  it('are floats as in files, but for whole numbers that Go would print with an exponent', () => {
    const values = fromValues({ small: 999_999, large: 1_000_000, part: 1_000_000.5 });
    expect([...values.values()].map(typeOf)).toEqual(['float64', 'int64', 'float64']);
  });

  it('hold the integers of --set', () => {
    expect(toValues(setValue(new Map(), 'set', 'a=1,b=1000650000,c={2}'))).toEqual({ a: 1, b: 1_000_650_000, c: [2] });
    expect(toValues(new Map([['a', int64(-5)]]))).toEqual({ a: -5 });
  });

  it('keep a key named __proto__ a key', () => {
    const values = toValues(readValues('__proto__: {polluted: 1}', 'v.yaml'));
    expect(Object.keys(values)).toEqual(['__proto__']);
    expect('polluted' in {}).toBe(false);
  });
});
