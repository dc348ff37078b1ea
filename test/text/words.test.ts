import { expect, it } from 'vitest';
import { quotedList, quotedSample } from '../../src/text/words.ts';

it.each([
  [[], ''],
  [['a'], '"a"'],
  [['a', 'b'], '"a" and "b"'],
  [['a', 'b', 'c'], '"a", "b" and "c"'],
  [['a', 'b', 'c', 'd', 'e', 'f', 'g'], '"a", "b", "c", "d", "e" and 2 more'],
])('quotes %j as %s', (values, expected) => {
  expect(quotedList(values)).toBe(expected);
});

it('does not count what a sample leaves out', () => {
  expect(quotedSample(['a', 'b', 'c', 'd'])).toBe('"a", "b", "c" and others');
});
