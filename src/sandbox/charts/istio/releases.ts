/** Releases of the sandbox's Istio: some to come from and to go to, and one that does not start. */
import { VERSION } from '../../scenarios/_names.ts';
import type { ChartRelease } from '../chart-source.ts';

const release = (version: string, fate: Pick<ChartRelease, 'fate'> = {}): ChartRelease => ({ version, appVersion: version, ...fate });

/** The first is a pre-release, which nobody gets who does not ask for it; its istiod has no image. */
export const releases: readonly ChartRelease[] = [
  release('1.31.0-rc.0', { fate: 'ImagePullBackOff' }),
  release('1.30.1'),
  release(VERSION),
  release('1.29.3'),
];
