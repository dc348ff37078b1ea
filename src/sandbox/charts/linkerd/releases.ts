/** Releases of the sandbox's Linkerd. */
import type { ChartRelease } from '../chart-source.ts';

export const releases: readonly ChartRelease[] = [
  { version: '2026.8.3', appVersion: 'edge-26.8.3' },
  { version: '2026.5.2', appVersion: 'edge-26.5.2' },
];
