import { describe, expect, it } from 'vitest';
import { syntaxProblem } from '../../src/rules/istio-validation/_expressions.ts';
import { directResponseSmall } from '../../src/rules/istio-validation/direct-response-small.ts';
import { directResponseValid } from '../../src/rules/istio-validation/direct-response-valid.ts';
import { expression } from '../../src/text/re2.ts';
import { findingsOf } from '../builders.ts';

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

describe('the body of a direct response', () => {
  const found = (body: string): readonly string[] =>
    [directResponseSmall, directResponseValid].flatMap((rule) =>
      findingsOf(
        rule,
        `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: shop, namespace: shop }
spec:
  hosts: [shop]
  http:
    - directResponse: { status: 200, body: { ${body} } }
`,
      ).map(({ severity, message }) => `${severity} ${message.match(/\d+/)}`),
    );
  const KIB = 1024;

  it.each([
    [100 * KIB, []],
    [100 * KIB + 1, ['warning 102401']],
    [KIB * KIB, ['warning 1048576']],
    [KIB * KIB + 1, ['error 1048577']],
  ])('of %d bytes is judged as istiod does', (size, expected) => {
    expect(found(`string: ${'x'.repeat(size)}`)).toEqual(expected);
    expect(found(`bytes: ${Buffer.alloc(size).toString('base64')}`)).toEqual(expected);
  });

  it('is measured in bytes of UTF-8', () => {
    expect(found(`string: ${'ä'.repeat(50 * KIB)}`)).toEqual([]);
    expect(found(`string: ${'ä'.repeat(50 * KIB)}x`)).toEqual(['warning 102401']);
  });
});
