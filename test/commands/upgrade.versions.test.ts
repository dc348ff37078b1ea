import { expect, it } from 'vitest';
import { assertNoDowngrade } from '../../src/commands/upgrade.versions.ts';

const step = (from: string, to: string) => [{ component: 'istiod', from, to }];

it('lets a release go forward, and back within a minor version', () => {
  for (const [from, to] of [
    ['1.29.3', '1.30.1'],
    ['1.30.1', '1.30.0'],
    ['1.30.0', '1.31.0-rc.0'],
    ['2026.5.2', '2026.8.3'],
    ['of-somebody', '1.0.0'],
  ] as const) {
    expect(() => assertNoDowngrade(step(from, to), false)).not.toThrow();
  }
});

it('takes force to go back to an older minor or major version', () => {
  for (const [from, to] of [
    ['1.30.0', '1.29.9'],
    ['2.1.0', '1.9.0'],
  ] as const) {
    expect(() => assertNoDowngrade(step(from, to), false)).toThrow(`"istiod" would go back from version ${from} to ${to}.`);
    expect(() => assertNoDowngrade(step(from, to), true)).not.toThrow();
  }
});
