import { expect, it } from 'vitest';
import { shellPattern } from '../../src/text/shell-pattern.ts';

it.each([
  ['*.yaml', 'a.yaml', true],
  ['*.yaml', 'a/b.yaml', false],
  ['a/*.yaml', 'a/b.yaml', true],
  ['?.y', 'ä.y', true],
  ['a?b', 'a/b', false],
  ['[a-c].y', 'b.y', true],
  ['[^a-c].y', 'b.y', false],
  ['[^a-c].y', 'd.y', true],
  ['[^a]', '/', false],
  ['[\\]x]', ']', true],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['a.b', 'axb', false],
  ['{a,b}', 'a', false],
  ['{a,b}', '{a,b}', true],
  ['', '', true],
])('%j matches %j: %s', (pattern, path, matches) => {
  expect(shellPattern(pattern)?.(path)).toBe(matches);
});

it.each(['[', '[a', 'a\\', '[]', '[c-a]'])('%j is no pattern', (pattern) => {
  expect(shellPattern(pattern)).toBeUndefined();
});
