import { expect, it } from 'vitest';
import { quotedList } from '../../src/text/words.ts';

it.each([
  [[], ''],
  [['a'], '"a"'],
  [['a', 'b'], '"a" and "b"'],
  [['a', 'b', 'c'], '"a", "b" and "c"'],
  [['a', 'b', 'c', 'd', 'e', 'f', 'g'], '"a", "b", "c", "d", "e" and 2 more'],
])('quotes %j as %s', (values, expected) => {
  expect(quotedList(values)).toBe(expected);
});
