/** Paths, as Helm 4 prints them. */
import { describe, expect, it } from 'vitest';
import { evaluated } from '../charts.ts';

const PRINTED: readonly (readonly [expression: string, printed: string])[] = [
  ['base "/a/b.txt"', 'b.txt'],
  ['dir "/a/b.txt"', '/a'],
  ['ext "a/b.tar.gz"', '.gz'],
  ['clean "/a/../b//c/"', '/b/c'],
  ['isAbs "/a"', 'true'],
  ['osBase "/a/b.txt"', 'b.txt'],
  ['osDir "/a/b.txt"', '/a'],
  ['osExt "b.txt"', '.txt'],
  ['osClean "a//b"', 'a/b'],
  ['osIsAbs "a"', 'false'],
  ['base ""', '.'],
  ['dir ""', '.'],
];

describe('paths', () => {
  it.each(PRINTED)('%s', (expression, printed) => expect(evaluated(expression)).toBe(printed));
});
