import { describe, expect, it } from 'vitest';
import { unifiedDiff, unifiedDiffOf } from '../../src/text/unified-diff.ts';
import { randomFrom } from './random-changes.ts';

const lines = (...parts: readonly string[]): string => parts.map((part) => `${part}\n`).join('');

/** What `patch` would make of the text. */
function patched(before: string, diff: readonly string[]): string {
  const rest = before.split('\n');
  if (rest.at(-1) === '') rest.pop();
  const out: string[] = [];
  let at = 0;
  for (const line of diff) {
    const start = /^@@ -(\d+)/.exec(line)?.[1];
    if (start !== undefined) {
      while (at < Number(start) - 1) out.push(rest[at++] ?? '');
      continue;
    }
    if (line.startsWith('+')) out.push(line.slice(1));
    else {
      expect(rest[at]).toBe(line.slice(1));
      if (line.startsWith(' ')) out.push(rest[at] ?? '');
      at++;
    }
  }
  return lines(...out, ...rest.slice(at));
}

describe('unifiedDiff', () => {
  it('shows changed lines with what is around them', () => {
    expect(unifiedDiff(lines('a', 'b', 'c', 'd'), lines('a', 'b', 'x', 'd', 'e'), { line: 10, context: 1 })).toEqual([
      '@@ -12,3 +12,4 @@',
      ' b',
      '-c',
      '+x',
      ' d',
      '+e',
    ]);
  });

  it('parts what is far apart, and counts on', () => {
    expect(unifiedDiff(lines('a', 'b', 'c', 'd', 'e'), lines('b', 'c', 'd', 'f'), { line: 0, context: 0 })).toEqual([
      '@@ -1,1 +1,0 @@',
      '-a',
      '@@ -5,1 +4,1 @@',
      '-e',
      '+f',
    ]);
  });

  it('tells a last line without an end from one with it', () => {
    const end = '\\ No newline at end of file';
    expect(unifiedDiff('a\nb', 'a\nb\n', { line: 0, context: 0 })).toEqual(['@@ -2,1 +2,1 @@', '-b', end, '+b']);
    expect(unifiedDiff('a\nb', 'c\nb', { line: 0, context: 1 })).toEqual(['@@ -1,2 +1,2 @@', '-a', '+c', ' b', end]);
  });

  it('is the same for parts as for the whole, where they part', () => {
    const parts = [
      { before: lines('a', 'b'), after: lines('a', 'x', 'y') },
      { before: lines('c', 'd'), after: lines('c', 'd') },
      { before: lines('e'), after: lines('f') },
    ];
    const [before, after] = [parts.map((part) => part.before).join(''), parts.map((part) => part.after).join('')];
    for (const context of [0, 1, 3])
      expect(unifiedDiffOf(parts, { line: 0, context })).toEqual(unifiedDiff(before, after, { line: 0, context }));
  });

  it('says nothing of equal texts', () => {
    expect(unifiedDiff('a\n', 'a\n', { line: 0, context: 3 })).toEqual([]);
  });

  it('leads from one text to the other', () => {
    const random = randomFrom(5);
    const text = (): string => lines(...Array.from({ length: random(9) }, () => 'abc'[random(3)] ?? ''));
    for (let round = 0; round < 1500; round++) {
      const [before, after] = [text(), text()];
      expect(patched(before, unifiedDiff(before, after, { line: 0, context: random(4) }))).toBe(after);
    }
  });
});
