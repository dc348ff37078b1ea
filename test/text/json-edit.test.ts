import { describe, expect, it } from 'vitest';
import { editJson } from '../../src/text/json-edit.ts';
import { changeAnywhere, randomFrom } from './random-changes.ts';

function edited(text: string, after: unknown): string {
  return editJson(text, JSON.parse(text), after);
}

const INDENTED = '{\n   "a": 1.0,\n   "b": [\n      {"name": "x"},\n      {"name": "y", "v":  2}\n   ],\n   "e": {}\n}\n';

describe('editJson', () => {
  it.each([
    [
      'a new member, as the others are indented',
      '{\n    "a": {\n        "b": 1\n    }\n}',
      { a: { b: 1, c: { d: [] } } },
      '{\n    "a": {\n        "b": 1,\n        "c": {\n            "d": []\n        }\n    }\n}',
    ],
    ['a new member on one line', '{"a":1}', { a: 1, b: [1, { c: 2 }] }, '{"a":1,"b":[1,{"c":2}]}'],
    ['a new member on one line with blanks', '{"a": 1}', { a: 1, b: 2 }, '{"a": 1, "b": 2}'],
    [
      'an item in front',
      INDENTED,
      { a: 1, b: ['n', { name: 'x' }, { name: 'y', v: 2 }], e: {} },
      INDENTED.replace('{"name": "x"}', '"n",\n      {"name": "x"}'),
    ],
    ['one member of one item', INDENTED, { a: 1, b: [{ name: 'x' }, { name: 'y', v: 3 }], e: {} }, INDENTED.replace(' 2}', ' 3}')],
    ['the last member taken out', INDENTED, { a: 1, b: [{ name: 'x' }, { name: 'y', v: 2 }] }, INDENTED.replace(',\n   "e": {}', '')],
    ['the first member taken out', INDENTED, { b: [{ name: 'x' }, { name: 'y', v: 2 }], e: {} }, INDENTED.replace('"a": 1.0,\n   ', '')],
    [
      'an empty object',
      INDENTED,
      { a: 1, b: [{ name: 'x' }, { name: 'y', v: 2 }], e: { f: 1 } },
      INDENTED.replace('{}', '{\n      "f": 1\n   }'),
    ],
  ])('changes %s', (_, before, after, expected) => {
    expect(edited(before, after)).toBe(expected);
  });

  it('means the new value whatever is changed', () => {
    const random = randomFrom(3);
    const texts = [INDENTED, JSON.stringify(JSON.parse(INDENTED)), INDENTED.replaceAll('\n', '\r\n'), '[[1, {"a": [ ]}], "x"]'];
    for (let round = 0; round < 1500; round++) {
      const text = texts[random(texts.length)] ?? '';
      const after = JSON.parse(text);
      for (let changes = random(3); changes >= 0; changes--) changeAnywhere(after, random);
      expect(JSON.parse(edited(text, after))).toEqual(after);
    }
  });

  it('leaves a text alone whose value stays', () => {
    expect(edited(INDENTED, JSON.parse(INDENTED))).toBe(INDENTED);
  });
});
