import { describe, expect, it } from 'vitest';
import { keepingOthers } from '../../src/install/keep-others.ts';

describe('keepingOthers', () => {
  it.each([
    ['a value that others changed, and nobody wants anew', { a: 1 }, { a: 1 }, { a: 2 }, { a: 2 }],
    ['a value that is wanted anew', { a: 3 }, { a: 1 }, { a: 2 }, { a: 3 }],
    ['a value that is new', { a: 1, b: 1 }, { a: 1 }, { a: 1, b: 2 }, { a: 1, b: 1 }],
    ['a value that others took away', { a: 1 }, { a: 1 }, {}, { a: 1 }],
    ['what is deeper', { s: { a: 1, b: 2 } }, { s: { a: 1, b: 1 } }, { s: { a: 9, b: 9, c: 9 } }, { s: { a: 9, b: 2 } }],
    [
      'items with names',
      { w: [{ name: 'x', p: 'Ignore', q: 2 }, { name: 'y' }] },
      { w: [{ name: 'x', p: 'Ignore', q: 1 }] },
      { w: [{ name: 'z' }, { name: 'x', p: 'Fail', q: 1 }] },
      { w: [{ name: 'x', p: 'Fail', q: 2 }, { name: 'y' }] },
    ],
    ['lists without names', { l: [1] }, { l: [1] }, { l: [2] }, { l: [1] }],
    ['another type', { a: { b: 1 } }, { a: { b: 1 } }, { a: 'x' }, { a: { b: 1 } }],
  ])('of %s', (_name, wanted, before, live, result) => {
    expect(keepingOthers(wanted, before, live)).toEqual(result);
  });
});
