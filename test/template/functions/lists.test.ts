/** Lists, as Helm 4 prints them. */
import { describe, expect, it } from 'vitest';
import { evaluated, refusalOf } from '../charts.ts';

const PRINTED: readonly (readonly [expression: string, printed: string])[] = [
  ['list', '[]'],
  ['list 1 "a" nil', '[1 a <nil>]'],
  ['tuple 1 2', '[1 2]'],
  ['first (list 1 2)', '1'],
  ['first (list)', ''],
  ['last (list 1 2)', '2'],
  ['rest (list 1 2 3)', '[2 3]'],
  ['rest (list)', '[]'],
  ['initial (list 1 2 3)', '[1 2]'],
  ['initial (list)', '[]'],
  ['append (list 1) 2', '[1 2]'],
  ['mustAppend (list 1) 2', '[1 2]'],
  ['prepend (list 1) 0', '[0 1]'],
  ['mustPrepend (list 1) 0', '[0 1]'],
  ['concat (list 1) (list 2 3) (list)', '[1 2 3]'],
  ['reverse (list 1 2 3)', '[3 2 1]'],
  ['mustReverse (list 1)', '[1]'],
  ['uniq (list 1 1 2 "1" (list 1) (list 1))', '[1 2 1 [1]]'],
  ['mustUniq (list)', '[]'],
  ['without (list 1 2 3) 2', '[1 3]'],
  ['mustWithout (list 1 2 3) 2 3', '[1]'],
  ['has 2 (list 1 2)', 'true'],
  ['has "2" (list 1 2)', 'false'],
  ['mustHas 2 (list 1 2)', 'true'],
  ['has 1 nil', 'false'],
  ['compact (list 1 0 "" nil "a" false (list))', '[1 a]'],
  ['mustCompact (list "" 1)', '[1]'],
  ['slice (list 1 2 3) 1 2', '[2]'],
  ['slice (list 1 2 3) 1', '[2 3]'],
  ['slice (list 1 2 3)', '[1 2 3]'],
  ['mustSlice (list 1 2 3) 0 1', '[1]'],
  ['chunk 2 (list 1 2 3)', '[[1 2] [3]]'],
  ['mustChunk 2 (list)', '[]'],
  ['mustFirst (list 1)', '1'],
  ['mustLast (list 1)', '1'],
  ['mustRest (list 1 2)', '[2]'],
  ['mustInitial (list 1 2)', '[1]'],
];

const REFUSED: readonly (readonly [expression: string, reason: string])[] = [
  ['concat (list 1) 2', 'error calling concat: Cannot concat type int as list'],
  ['slice (list 1 2 3) 2 1', 'error calling slice: reflect.Value.Slice: slice index out of bounds'],
  ['slice (list 1 2 3) 0 9', 'error calling slice: reflect.Value.Slice: slice index out of bounds'],
  ['slice "abc" 1', 'error calling slice: list should be type of slice or array but string'],
  ['chunk 0 (list 1)', 'error calling chunk: Cannot chunk into parts of 0'],
  ['first "abc"', 'error calling first: Cannot find first on type string'],
  ['append nil 1', 'error calling append: runtime error: invalid memory address or nil pointer dereference'],
  ['append "a" 1', 'error calling append: Cannot push on type string'],
];

describe('lists', () => {
  it.each(PRINTED)('%s', (expression, printed) => expect(evaluated(expression)).toBe(printed));

  it.each(REFUSED)('%s fails', (expression, reason) => expect(refusalOf(expression)).toBe(reason));
});
