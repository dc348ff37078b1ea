/** Versions in the order of Semantic Versioning. */

export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** The parts of `-rc.1`; empty for a release. */
  readonly prerelease: readonly string[];
}

const FORM = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$/;

/**
 * Reads `1.4.1`, and as tags are written in practice also `v1.4.1` and `1.4`. Build metadata is dropped.
 * @returns undefined when the text is no version
 */
export function parseVersion(text: string): Version | undefined {
  const match = FORM.exec(text.trim());
  if (!match) return undefined;
  const [, major, minor, patch, prerelease] = match;
  return { major: Number(major), minor: Number(minor ?? 0), patch: Number(patch ?? 0), prerelease: prerelease?.split('.') ?? [] };
}

/**
 * Negative when `left` comes before `right`, positive when after, 0 when both are equal.
 * @see https://semver.org/#spec-item-11
 */
export function compareVersions(left: Version, right: Version): number {
  return (
    left.major - right.major ||
    left.minor - right.minor ||
    left.patch - right.patch ||
    comparePrereleases(left.prerelease, right.prerelease)
  );
}

function comparePrereleases(left: readonly string[], right: readonly string[]): number {
  // A release comes after all of its prereleases.
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compareParts(part, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Numbers compare by value and come before words, which compare by their characters. */
function compareParts(left: string, right: string): number {
  const leftNumber = /^\d+$/.test(left);
  const rightNumber = /^\d+$/.test(right);
  if (leftNumber && rightNumber) return Number(left) - Number(right);
  if (leftNumber !== rightNumber) return leftNumber ? -1 : 1;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
