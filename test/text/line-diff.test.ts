import { describe, expect, it } from 'vitest';
import { diffText, lineDiff } from '../../src/text/line-diff.ts';

const side = (before: string, after: string, kept: 'added' | 'removed'): string =>
  lineDiff(before, after)
    .filter(({ is }) => is === 'same' || is === kept)
    .map(({ text }) => `${text}\n`)
    .join('');

describe('lineDiff', () => {
  it.each([
    ['', ''],
    ['a\n', 'a\n'],
    ['a\nb\nc\n', 'a\nc\n'],
    ['a\nc\n', 'a\nb\nc\n'],
    ['a\nb\nc\n', 'x\ny\n'],
    ['a\nb\nc\na\nb\nb\na\n', 'c\nb\na\nb\na\nc\n'],
    ['', 'a\nb\n'],
    ['a\nb\n', ''],
  ])('%j → %j holds both texts', (before, after) => {
    expect(side(before, after, 'removed')).toBe(before);
    expect(side(before, after, 'added')).toBe(after);
  });

  it('finds few differences, whatever is between', () => {
    const before = Array.from({ length: 400 }, (_, index) => `line ${index}`);
    const after = before.toSpliced(50, 1).toSpliced(300, 0, 'new').with(200, 'other');
    const lines = lineDiff(before.join('\n'), after.join('\n'));
    expect(lines.filter(({ is }) => is !== 'same').map(({ is, text }) => `${is} ${text}`)).toEqual([
      'removed line 50',
      'removed line 201',
      'added other',
      'added new',
    ]);
  });

  it('holds both texts for any pair', () => {
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let round = 0; round < 300; round++) {
      const text = (): string => Array.from({ length: random(30) }, () => `${'abcd'[random(4)]}\n`).join('');
      const [before, after] = [text(), text()];
      expect(side(before, after, 'removed')).toBe(before);
      expect(side(before, after, 'added')).toBe(after);
    }
  });

  it('takes texts that have nothing in common as a whole', () => {
    const lines = (mark: string): string => Array.from({ length: 3000 }, (_, index) => `${mark}${index}\n`).join('');
    expect(side(lines('a'), lines('b'), 'added')).toBe(lines('b'));
  });
});

describe('diffText', () => {
  it('shows what differs with the lines around it', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n';
    expect(diffText(before, before.replace('b', 'B').replace('i\n', ''), 1)).toBe(' a\n-b\n+B\n c\n…\n h\n-i\n j\n');
    expect(diffText(before, before)).toBe('');
  });
});
