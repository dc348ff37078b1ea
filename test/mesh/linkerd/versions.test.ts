import { describe, expect, it } from 'vitest';
import { isSince, parseLinkerdVersion, skewOf, tagOf } from '../../../src/mesh/linkerd/versions.ts';

const skew = (version: string, wanted: string): string | undefined => {
  const [left, right] = [parseLinkerdVersion(version), parseLinkerdVersion(wanted)];
  return left && right && skewOf(left, right);
};

describe('versions of Linkerd', () => {
  it('compare by year, month and number', () => {
    expect(skew('edge-25.10.1', 'edge-25.10.1')).toBe('same');
    expect(skew('edge-25.10.1', 'edge-25.9.4')).toBe('ahead');
    expect(skew('edge-25.9.4', 'edge-25.10.1')).toBe('behind');
    expect(skew('stable-2.14.1', 'stable-2.14.10')).toBe('same-line');
    expect(skew('2.14.1', 'v2.14.1')).toBe('same');
    expect(skew('enterprise-2.17.1', 'stable-2.17.1')).toBe('other-channel');
    expect(skew('enterprise-2.17.1-1', 'enterprise-2.17.1')).toBe('same');
    expect(skew('git-1a2b3c', 'edge-25.10.1')).toBeUndefined();
  });

  it('know what a release has', () => {
    const since = { edge: [24, 11, 8], stable: [2, 17, 0] } as const;
    expect(isSince(parseLinkerdVersion('edge-24.11.7'), since)).toBe(false);
    expect(isSince(parseLinkerdVersion('edge-25.1.1'), since)).toBe(true);
    expect(isSince(parseLinkerdVersion('enterprise-2.16.9'), since)).toBe(false);
    expect(isSince(undefined, since)).toBe(true);
  });

  it('stand in the tags of images', () => {
    expect(tagOf('localhost:5000/proxy:edge-25.10.1@sha256:00')).toBe('edge-25.10.1');
    expect(tagOf('localhost:5000/proxy')).toBeUndefined();
  });
});
