import { describe, expect, it } from 'vitest';
import { expression, NoExpression, quoted } from '../../src/text/re2.ts';

describe('an expression', () => {
  it('is found in a text, or is all of it', () => {
    const { isIn, fits, matches } = expression('a+(?P<b>b)?');
    expect([isIn('xaay'), fits('xaay'), fits('aab'), isIn('b')]).toEqual([true, false, true, false]);
    expect(matches('aab a').map(({ from, to, named }) => [from, to, named('b')])).toEqual([
      [0, 3, 'b'],
      [4, 5, undefined],
    ]);
    expect(matches('aab a', 1)).toHaveLength(1);
  });

  it('is what RE2 has, and nothing else', () => {
    expect(expression('(?i)^/API$').fits('/api')).toBe(true);
    expect(expression('\\pL+').fits('é')).toBe(true);
    for (const wrong of ['(', 'a(?=b)', '(a)\\1', '*']) expect(() => expression(wrong)).toThrow(NoExpression);
  });

  it('takes no longer than the text is long', () => {
    expect(expression('(a+)+b').isIn('a'.repeat(5000))).toBe(false);
  });

  it('stands for itself when it is quoted', () => {
    const text = '/a.b*c[1]{2}(3)|^$\\';
    expect(expression(quoted(text)).fits(text)).toBe(true);
  });
});
