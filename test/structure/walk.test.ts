/** What is said of a value that its schema does not take: one row for each kind of objection. */
import { describe, expect, it } from 'vitest';
import type { FieldPath } from '../../src/model/resource.ts';
import { withDefaults } from '../../src/structure/defaults.ts';
import type { Due, Found } from '../../src/structure/found.ts';
import { patterns } from '../../src/structure/patterns.ts';
import type { Schema } from '../../src/structure/schema.ts';
import { supersededFields } from '../../src/structure/superseded.ts';
import { walk } from '../../src/structure/walk.ts';

const TEXT: Schema = { type: 'string' };
const INTEGER: Schema = { type: 'integer' };

function walked(schema: Schema, value: unknown): { readonly found: readonly Found[]; readonly due: readonly Due[] } {
  const found: Found[] = [];
  const due: Due[] = [];
  const state = { found, due, patterns: patterns(), release: 'test', meantBy: () => undefined, superseded: supersededFields('a/B') };
  walk(schema, withDefaults(schema, value), [], state);
  return { found, due };
}

const said = (schema: Schema, value: unknown): readonly string[] =>
  walked(schema, value).found.map(({ message, fix }) => [message, fix].join(' ').trim());
const object = (properties: Record<string, Schema>, more: Schema = {}): Schema => ({ type: 'object', properties, ...more });
/** How a `oneof` of Protocol Buffers is written in definitions. */
const oneOf = (...names: readonly string[]): Schema => ({
  oneOf: [{ not: { anyOf: names.map((name) => ({ required: [name] })) } }, ...names.map((name) => ({ required: [name] }))],
});

describe('walk', () => {
  it.each<[string, Schema, unknown, readonly string[]]>([
    ['a number for a text', object({ a: TEXT }), { a: 5 }, ['Field "a" is the number 5, but must be a text. Put it in quotes: "5".']],
    [
      'a number for a duration of Istio',
      object({ a: { ...TEXT, 'x-kubernetes-validations': [{ rule: "duration(self) >= duration('1ms')" }] } }),
      { a: 5 },
      ['Field "a" is the number 5, but must be a text. Write it with its unit, such as "5s".'],
    ],
    [
      'a number for a duration of Gateway API',
      object({ a: { ...TEXT, pattern: '^([0-9]{1,5}(h|m|s|ms)){1,4}$' } }),
      { a: 10 },
      ['Field "a" is the number 10, but must be a text. Write it with its unit, such as "10s".'],
    ],
    [
      'a number for a text by whose name it is a duration',
      object({ requestTimeout: TEXT }),
      { requestTimeout: 10 },
      ['Field "requestTimeout" is the number 10, but must be a text. Write it with its unit, such as "10s".'],
    ],
    [
      'a value for the mapping that has it as the only one of its type',
      object({ a: object({ number: INTEGER, name: TEXT }) }),
      { a: 80 },
      ['Field "a" is the number 80, but must be a mapping. Write it one level down: { number: 80 }.'],
    ],
    [
      'a value for the mapping of which one field names it',
      object({ a: object({ mode: { ...TEXT, enum: ['STRICT'] }, host: TEXT }) }),
      { a: 'STRICT' },
      ['Field "a" is the text "STRICT", but must be a mapping. Write it one level down: { mode: "STRICT" }.'],
    ],
    [
      'a value for a mapping of which several fields may be meant',
      object({ a: object({ prefix: TEXT, exact: TEXT, ignoreCase: INTEGER }) }),
      { a: '/v1' },
      ['Field "a" is the text "/v1", but must be a mapping. What may be set in it is "exact", "ignoreCase" and "prefix".'],
    ],
    ['a list of texts for a mapping', object({ a: object({}) }), { a: ['x'] }, ['Field "a" is a list, but must be a mapping.']],
    [
      'a boolean for a text',
      object({ a: TEXT }),
      { a: true },
      ['Field "a" is the boolean true, but must be a text. Put it in quotes: "true".'],
    ],
    [
      'a text for a number',
      object({ a: INTEGER }),
      { a: '5' },
      ['Field "a" is the text "5", but must be an integer. Write 5 without quotes.'],
    ],
    ['a fraction for an integer', object({ a: INTEGER }), { a: 1.5 }, ['Field "a" is the number 1.5, but must be an integer.']],
    [
      'a mapping for a list',
      object({ a: { type: 'array', items: TEXT } }),
      { a: {} },
      ['Field "a" is a mapping, but must be a list. Write it as a list: each item after a dash, or all of them in [ ].'],
    ],
    ['nothing in a list', object({ a: { type: 'array', items: TEXT } }), { a: [null] }, ['Field "a[0]" is empty, but must be a text.']],
    ['nothing where it means absence', object({ a: TEXT }), { a: null }, []],
    ['nothing for what is required', object({ a: TEXT }, { required: ['a'] }), { a: null }, ['Field "a" is required, but absent.']],
    ['nothing where it may stand', object({ a: { type: 'integer', nullable: true } }), { a: null }, []],
    [
      'an integer or a text',
      object({ a: { 'x-kubernetes-int-or-string': true } }),
      { a: true },
      ['Field "a" is the boolean true, but must be an integer or a text.'],
    ],
    [
      'a misspelled field',
      object({ timeout: TEXT }),
      { timeOut: '1s' },
      ['Field "timeOut" does not exist in this kind (test). Did you mean "timeout"?'],
    ],
    [
      'a misspelled field that is required',
      object({ host: TEXT }, { required: ['host'] }),
      { hosts: 'a' },
      ['Field "hosts" does not exist in this kind (test). Did you mean "host"?'],
    ],
    [
      'a field a level too deep',
      object({ hosts: TEXT, http: object({ match: TEXT }) }),
      { http: { hosts: 'a' } },
      ['Field "hosts" does not exist in "http" (test). It exists one level up, in the object itself.'],
    ],
    [
      'a field a level too high',
      object({ http: { type: 'array', items: object({ route: TEXT }) } }),
      { route: 'a' },
      ['Field "route" does not exist in this kind (test). It exists one level down, in "http[]".'],
    ],
    [
      'a field like none',
      object({ aaaa: TEXT, bbbb: TEXT }),
      { bbbb: '', zzzz: '' },
      ['Field "zzzz" does not exist in this kind (test). What may be set there besides is "aaaa".'],
    ],
    [
      'a field of every object of JavaScript',
      object({ a: object({ b: TEXT }) }),
      { constructor: 1 },
      ['Field "constructor" does not exist in this kind (test). What may be set there besides is "a".'],
    ],
    ['any field of an open object', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, { a: { b: 1 } }, []],
    [
      'any name in a map',
      { type: 'object', additionalProperties: INTEGER },
      { a: 1, b: 'x' },
      ['Field "b" is the text "x", but must be an integer.'],
    ],
    [
      'none of the values allowed',
      object({ a: { type: 'string', enum: ['STRICT', 'DISABLE'] } }),
      { a: 'Strict' },
      ['Field "a" is "Strict", but must be one of "STRICT" and "DISABLE". Did you mean "STRICT"?'],
    ],
    ['out of a range', object({ a: { type: 'integer', minimum: 1, maximum: 5 } }), { a: 6 }, ['Field "a" is 6, but must be from 1 to 5.']],
    [
      'the end of a range that is open',
      object({ a: { type: 'number', minimum: 0, exclusiveMinimum: true } }),
      { a: 0 },
      ['Field "a" is 0, but must be more than 0.'],
    ],
    [
      'more than 32 bits',
      object({ a: { type: 'integer', format: 'int32' } }),
      { a: 2 ** 31 },
      ['Field "a" is 2147483648, which does not fit into 32 bits.'],
    ],
    ['too long, by characters and not by units', object({ a: { type: 'string', maxLength: 2 } }), { a: '👍👍' }, []],
    [
      'too long',
      object({ a: { type: 'string', maxLength: 2 } }),
      { a: 'abc' },
      ['Field "a" has 3 characters, but may have 2 at the most.'],
    ],
    ['empty', object({ a: { type: 'string', minLength: 1, pattern: '.' } }), { a: '' }, ['Field "a" is empty, which is not allowed.']],
    [
      'another pattern',
      object({ a: { type: 'string', pattern: '^a$' } }),
      { a: 'b' },
      ['Field "a" is "b", which does not match the pattern ^a$ that it must have.'],
    ],
    [
      'no duration',
      object({ a: { type: 'string', format: 'duration' } }),
      { a: '5 parsecs' },
      ['Field "a" is "5 parsecs", but must be a duration such as "30s".'],
    ],
    [
      'too few items',
      object({ a: { type: 'array', items: TEXT, minItems: 2 } }),
      { a: ['x'] },
      ['Field "a" has 1 item, but needs at least 2.'],
    ],
    [
      'an item twice in a set',
      object({ a: { type: 'array', items: TEXT, 'x-kubernetes-list-type': 'set' } }),
      { a: ['x', 'x'] },
      ['Field "a[1]" repeats "x" of item 0; each may stand there once.'],
    ],
    [
      'fields that exclude each other',
      object({ a: TEXT, b: TEXT }, oneOf('a', 'b')),
      { a: '', b: '' },
      ['Fields "a" and "b" of the object exclude each other. Keep one of them.'],
    ],
    ['none of such fields', object({ a: TEXT, b: TEXT }, oneOf('a', 'b')), {}, []],
    [
      'none of fields of which one is needed',
      object({ a: TEXT, b: TEXT }, { oneOf: [{ required: ['a'] }, { required: ['b'] }] }),
      {},
      ['One of "a" and "b" must be set in the object, and none is.'],
    ],
    [
      'several choices at once',
      object({ a: TEXT, b: TEXT, c: TEXT, d: TEXT }, { allOf: [oneOf('a', 'b'), oneOf('c', 'd')] }),
      { a: '', c: '', d: '' },
      ['Fields "c" and "d" of the object exclude each other. Keep one of them.'],
    ],
    [
      'neither of two formats',
      object({ a: { type: 'string', anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] } }),
      { a: '1.2.3' },
      ['Field "a" is "1.2.3", but must be an IPv4 address or an IPv6 address.'],
    ],
    ['text that is to be replaced', object({ a: INTEGER, b: { type: 'string', enum: ['x'] } }), { a: '{{ a }}', b: '{{ .Values.b }}' }, []],
  ])('says of %s', (_, schema, value, expected) => {
    expect(said(schema, value)).toEqual(expected);
  });

  it('reports everything at once, each at its place', () => {
    const schema = object({ a: INTEGER, b: { type: 'array', items: object({ c: TEXT }, { required: ['c'] }) } });
    const places = walked(schema, { a: 'x', b: [{}, { d: 1, c: 2 }] }).found.map(({ path }): FieldPath => path);
    expect(places).toEqual([['a'], ['b', 0], ['b', 1, 'd'], ['b', 1, 'c']]);
  });

  it('fills in defaults before it asks for what is required, also inside of defaults', () => {
    const inner = object({ kind: { type: 'string', default: 'Service' } }, { required: ['kind'] });
    const schema = object({ ref: { ...inner, default: {} } }, { required: ['ref'] });
    expect(withDefaults(schema, {})).toEqual({ ref: { kind: 'Service' } });
    expect(withDefaults(schema, { ref: { kind: null } })).toEqual({ ref: { kind: 'Service' } });
    expect(said(schema, {})).toEqual([]);
  });

  it('leaves an object without defaults as it is', () => {
    const value = { a: 1, b: [{ c: '' }] };
    expect(withDefaults(object({ a: INTEGER, b: { type: 'array', items: object({ c: TEXT }) } }), value)).toBe(value);
  });

  it('collects expressions only where values have the right type', () => {
    const rules = [{ rule: 'self > 0' }];
    const schema = object({ a: { ...INTEGER, 'x-kubernetes-validations': rules }, b: { ...INTEGER, 'x-kubernetes-validations': rules } });
    expect(walked(schema, { a: 1, b: 'x' }).due.map(({ path }) => path)).toEqual([['a']]);
  });
});
