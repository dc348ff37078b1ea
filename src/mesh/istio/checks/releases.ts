/** Istio's releases, as its project published them by August 2026. Newer ones are not known here, and not judged. */
import type { Version } from '../../../text/semver.ts';

export interface Release {
  /** Of Istio 1. */
  readonly minor: number;
  /** Minor versions of Kubernetes 1 that the release supports. */
  readonly kubernetes: readonly [oldest: number, newest: number];
  /** The day after which there are no more patches; undefined while only a month is expected. */
  readonly ended: string | undefined;
}

/** @see https://istio.io/latest/docs/releases/supported-releases/#support-status-of-istio-releases */
const RELEASES: readonly Release[] = [
  { minor: 30, kubernetes: [32, 36], ended: undefined },
  { minor: 29, kubernetes: [31, 35], ended: undefined },
  { minor: 28, kubernetes: [30, 34], ended: '2026-07-01' },
  { minor: 27, kubernetes: [29, 33], ended: '2026-04-07' },
  { minor: 26, kubernetes: [29, 33], ended: '2025-12-22' },
  { minor: 25, kubernetes: [29, 32], ended: '2025-09-30' },
  { minor: 20, kubernetes: [25, 29], ended: '2024-06-25' },
  { minor: 19, kubernetes: [25, 28], ended: '2024-04-24' },
  { minor: 18, kubernetes: [24, 27], ended: '2024-01-04' },
  { minor: 17, kubernetes: [23, 26], ended: '2023-10-27' },
  { minor: 16, kubernetes: [22, 25], ended: '2023-07-25' },
];

export function releaseOf({ major, minor }: Version): Release | undefined {
  return major === 1 ? RELEASES.find((release) => release.minor === minor) : undefined;
}

export const NEWEST_RELEASE: Release = RELEASES[0] as Release;

/** The newest release that gets patches and supports a minor version of Kubernetes 1. */
export function releaseFor(kubernetes: number, now: number): Release | undefined {
  return RELEASES.find(({ kubernetes: [oldest], ended }) => kubernetes >= oldest && (ended === undefined || now <= Date.parse(ended)));
}
