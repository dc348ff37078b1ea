/** Each file of tests belongs to one run: the one of `npm test`, of the peers' cases, or of the real Envoy. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import conformance from './conformance/vitest.config.ts';
import envoy from './envoy/vitest.config.ts';
import unit from './vitest.config.ts';

interface Globs {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

const RUNS: readonly Globs[] = [unit, conformance, envoy].map((config) => (config as { readonly test: Globs }).test);

const isBelow = (file: string, globs: readonly string[] = []): boolean => globs.some((glob) => file.startsWith(glob.replace(/\*.*$/, '')));

it('has one run for each file', () => {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `test/${file}`);
  const runsOf = (file: string): number => RUNS.filter(({ include, exclude }) => isBelow(file, include) && !isBelow(file, exclude)).length;
  expect(files.filter((file) => runsOf(file) !== 1)).toEqual([]);
  expect(RUNS.every(({ include }) => files.some((file) => isBelow(file, include)))).toBe(true);
});
