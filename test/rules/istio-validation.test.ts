import { describe, expect, it } from 'vitest';
import { syntaxProblem } from '../../src/rules/istio-validation/_expressions.ts';
import { expression } from '../../src/text/re2.ts';

const PARTS = [
  'a',
  'Z',
  '_',
  '9',
  '.',
  '-',
  '/',
  '^',
  '$',
  '*',
  '+',
  '?',
  '\\.',
  '\\d',
  '\\W',
  '[a-z]',
  '[^/]',
  '[0-9A-Z_]',
  '[z-a]',
  '(',
  ')',
  '|',
  '{2}',
  ' ',
];

/** A small generator of pseudo-random numbers, so that a failure can be seen again. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  while (true) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state;
  }
}

function refusedByRe2(source: string): boolean {
  try {
    expression(source);
    return false;
  } catch {
    return true;
  }
}

describe('regular expressions', () => {
  it('are let pass without being compiled only when RE2 takes them', () => {
    const random = numbers(7);
    const pick = (): number => Math.floor(random.next().value / 65_536);
    const sources = Array.from({ length: 3000 }, () => Array.from({ length: pick() % 7 }, () => PARTS[pick() % PARTS.length]).join(''));
    expect(sources.filter((source) => (syntaxProblem(source) !== undefined) !== refusedByRe2(source))).toEqual([]);
    expect(sources.some(refusedByRe2)).toBe(true);
  });
});
