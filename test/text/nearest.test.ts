import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/text/nearest.ts';

const FRUITS = ['apple', 'banana', 'cherry', 'cranberry'];

describe('nearest', () => {
  it.each([
    ['aple', 'apple'],
    ['bananna', 'banana'],
    ['chrery', 'cherry'],
    ['Cranberry', 'cranberry'],
    ['crannbery', 'cranberry'],
  ])('takes %s for %s', (word, expected) => {
    expect(nearest(word, FRUITS)).toBe(expected);
  });

  it.each(['', 'x', 'appendix', 'grape', 'blueberry'])('has no suggestion for "%s"', (word) => {
    expect(nearest(word, FRUITS)).toBeUndefined();
  });

  it('demands more likeness of short words', () => {
    expect(nearest('dog', ['cat'])).toBeUndefined();
    expect(nearest('cats', ['cat'])).toBe('cat');
  });

  it('counts two swapped letters as one edit', () => {
    expect(nearest('form', ['for', 'from'])).toBe('for');
    expect(nearest('form', ['from', 'for'])).toBe('from');
  });

  it('prefers the same first letter among equally near ones', () => {
    expect(nearest('fsh', ['zsh', 'fish'])).toBe('fish');
    expect(nearest('fsh', ['fish', 'zsh'])).toBe('fish');
  });

  it('prefers the nearest, then the first', () => {
    expect(nearest('abcdef', ['abcxyf', 'abcxef', 'abcdyf'])).toBe('abcxef');
  });
});
