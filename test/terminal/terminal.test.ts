import { describe, expect, it } from 'vitest';
import { printable, printableLine } from '../../src/terminal/printable.ts';
import { styleFor } from '../../src/terminal/style.ts';
import { table } from '../../src/terminal/table.ts';
import { visibleWidth } from '../../src/terminal/width.ts';
import { wrap } from '../../src/terminal/wrap.ts';

const ESC = '\u001b';

describe('visibleWidth', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    [`${ESC}[31m${ESC}[1mabc${ESC}[22m${ESC}[39m`, 3],
    ['é', 1],
    ['e\u0301', 1],
    ['日本語', 6],
    ['한글', 4],
    ['ｶﾅ', 2],
    ['ＡＢ', 4],
    ['🚀', 2],
    ['👩‍👩‍👧', 2],
    ['👍🏽', 2],
    ['🇩🇪', 2],
    ['❤\ufe0f', 2],
    ['1\ufe0f\u20e3', 2],
    ['→…│', 3],
    ['\u200b', 0],
  ])('%s takes %i columns', (text, width) => {
    expect(visibleWidth(text)).toBe(width);
  });
});

describe('wrap', () => {
  it('breaks at blanks and indents what follows', () => {
    expect(wrap('one two three four', 9, '  ')).toBe('one two\n  three\n  four');
  });

  it('never cuts a word, and does nothing without a width', () => {
    expect(wrap('a verylongword b', 5)).toBe('a\nverylongword\nb');
    expect(wrap('a '.repeat(500), undefined)).toBe('a '.repeat(500));
  });

  it('keeps gaps and leading blanks inside a line', () => {
    expect(wrap('  fix:  a b c', 11, '    ')).toBe('  fix:  a b\n    c');
  });

  it('counts columns, not characters', () => {
    expect(wrap(`${ESC}[31mab${ESC}[39m cd ef`, 5)).toBe(`${ESC}[31mab${ESC}[39m cd\nef`);
    expect(wrap('日本 語', 5)).toBe('日本\n語');
  });
});

describe('printable', () => {
  it('shows what a terminal would obey, one character for one', () => {
    expect(printable(`a${ESC}[2J\r\n\tb\u009b\u202e\u007f`)).toBe('a␛[2J␍␊\tb���');
    expect(printableLine(' a\n  b\u0007 ')).toBe('a b␇');
  });
});

describe('style', () => {
  it('colours if told to, and one text at a time', () => {
    expect(['a', 'b'].map(styleFor(true).dim)).toEqual([`${ESC}[2ma${ESC}[22m`, `${ESC}[2mb${ESC}[22m`]);
    expect(styleFor(false).error('a')).toBe('a');
  });
});

describe('table', () => {
  const rows = [
    ['reviews-v1-5b9c', 'shop', 'SYNCED'],
    ['ratings', 'a-namespace-of-some-length', '日本語'],
  ];
  const head = ['NAME', 'NAMESPACE', 'CDS'];

  it('looks like one of kubectl', () => {
    expect(table(rows, { head })).toBe(
      [
        'NAME              NAMESPACE                    CDS',
        'reviews-v1-5b9c   shop                         SYNCED',
        'ratings           a-namespace-of-some-length   日本語',
      ].join('\n'),
    );
  });

  it('cuts the widest flexible column at the width of the terminal', () => {
    expect(table(rows, { head, width: 42 })).toBe(
      [
        'NAME              NAMESPACE         CDS',
        'reviews-v1-5b9c   shop              SYNCED',
        'ratings           a-namespace-of…   日本語',
      ].join('\n'),
    );
    expect(table(rows, { head, width: 42, flexible: [0] })).toContain('reviews…   shop                         SYNCED');
  });

  it('lets columns of one width give way in turn, and stops before nothing is left', () => {
    const wide = [['a'.repeat(30), 'b'.repeat(30)]];
    expect(table(wide, { width: 33 })).toBe(`${'a'.repeat(14)}…   ${'b'.repeat(14)}…`);
    expect(table(wide, { width: 1 })).toBe(`${'a'.repeat(7)}…   ${'b'.repeat(7)}…`);
  });

  it('cuts nothing without a width', () => {
    expect(table([['a'.repeat(500)]])).toBe('a'.repeat(500));
    expect(table([['ที่นี่', 'x']])).toBe('ที่นี่   x');
  });

  it('colours the head only when told to, and keeps the colours of cells out of the widths', () => {
    const { error } = styleFor(true);
    const colored = table([[error('ab'), 'c']], { head: ['X', 'Y'], color: true, width: 80 });
    expect(colored).toBe(`${ESC}[1mX${ESC}[22m    ${ESC}[1mY${ESC}[22m\n${error('ab')}   c`);
  });

  it('keeps a row on one line, fills short rows, and is empty without any', () => {
    expect(table([['a\nb', 'c'], ['d']])).toBe('a b   c\nd');
    expect(table([])).toBe('');
  });
});
