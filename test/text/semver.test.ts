import { describe, expect, it } from 'vitest';
import { compareVersions, parseVersion } from '../../src/text/semver.ts';

describe('parseVersion', () => {
  it.each([
    ['1.4.1', [1, 4, 1, []]],
    ['v1.4', [1, 4, 0, []]],
    ['v2', [2, 0, 0, []]],
    ['1.6.0-rc.1+build.7', [1, 6, 0, ['rc', '1']]],
  ])('reads %s', (text, [major, minor, patch, prerelease]) => {
    expect(parseVersion(text as string)).toEqual({ major, minor, patch, prerelease });
  });

  it.each(['', 'main', '1.', '1.2.3.4', '1.2.3-', 'v-1'])('takes "%s" for no version', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});

describe('compareVersions', () => {
  it('orders as the specification does', () => {
    const ordered = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
      '1.10.0',
      '2.0.0',
    ];
    const versions = ordered.map((text) => parseVersion(text) ?? expect.fail(text));
    for (const [left, one] of versions.entries()) {
      for (const [right, other] of versions.entries()) expect(Math.sign(compareVersions(one, other))).toBe(Math.sign(left - right));
    }
  });

  it('does not look at build metadata', () => {
    const [left, right] = ['1.0.0+a', '1.0.0+b'].map((text) => parseVersion(text) ?? expect.fail(text));
    expect(left && right && compareVersions(left, right)).toBe(0);
  });
});
