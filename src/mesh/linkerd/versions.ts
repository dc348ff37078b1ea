/** Linkerd's versions: `edge-25.10.1` by year and month, `stable-2.14.10` and those of distributors by number. */

export interface LinkerdVersion {
  /** As written. */
  readonly text: string;
  /** `edge`, `stable`, `enterprise`. Versions of different channels do not compare. */
  readonly channel: string;
  readonly numbers: readonly [major: number, minor: number, patch: number];
}

const FORM = /^v?(?:([a-z]+)-)?(\d+)\.(\d+)\.(\d+)(?:[-+][\w.+-]*)?$/;

/** @returns undefined for what is no version of a release, such as `git-1a2b3c` */
export function parseLinkerdVersion(text: string): LinkerdVersion | undefined {
  const match = FORM.exec(text);
  if (!match) return undefined;
  const [, channel, major, minor, patch] = match;
  return { text, channel: channel ?? 'stable', numbers: [Number(major), Number(minor), Number(patch)] };
}

/** Releases of one minor version, or of one month, belong to one line. */
export type Skew = 'same' | 'same-line' | 'behind' | 'ahead' | 'other-channel';

/** What `version` is, seen from `wanted`. */
export function skewOf(version: LinkerdVersion, wanted: LinkerdVersion): Skew {
  if (version.channel !== wanted.channel) return 'other-channel';
  const order = compareNumbers(version.numbers, wanted.numbers);
  if (order === 0) return 'same';
  if (version.numbers[0] === wanted.numbers[0] && version.numbers[1] === wanted.numbers[1]) return 'same-line';
  return order < 0 ? 'behind' : 'ahead';
}

function compareNumbers(left: LinkerdVersion['numbers'], right: LinkerdVersion['numbers']): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

/** The first release of each channel that has something. */
export interface Since {
  readonly edge: readonly [year: number, month: number, patch: number];
  readonly stable: readonly [major: number, minor: number, patch: number];
}

/** Distributors number their releases as `stable` does. What is no release is taken to be recent. */
export function isSince(version: LinkerdVersion | undefined, { edge, stable }: Since): boolean {
  if (!version) return true;
  return compareNumbers(version.numbers, version.channel === 'edge' ? edge : stable) >= 0;
}

/** The tag of an image: `cr.l5d.io/linkerd/proxy:edge-25.10.1@sha256:…` → `edge-25.10.1`. */
export function tagOf(image: string): string | undefined {
  return /:([\w.-]+)(?:@.*)?$/.exec(image)?.[1];
}
