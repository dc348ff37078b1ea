/** Which of a chart's versions is meant. */
import { MeshctlError } from '../errors.ts';
import { CallError } from '../template/failure.ts';
import { compare, readConstraint, readVersion, type SemanticVersion } from '../template/semver.ts';

/**
 * Like Helm: the one that is written just so, else the newest that fits; pre-releases only where the range names one.
 * @param wanted a version or a range; undefined: the newest stable one
 * @returns undefined when none fits
 * @throws MeshctlError E_CHART_VERSION for what is no range
 */
export function chooseVersion(versions: readonly string[], wanted: string | undefined): string | undefined {
  if (wanted !== undefined && versions.includes(wanted)) return wanted;
  const fits = rangeOf(wanted ?? '*');
  return newestFirst(versions).find((text) => {
    const version = readVersion(text);
    return version !== undefined && fits(version);
  });
}

/** @returns those that are versions at all, sorted */
export function newestFirst(versions: readonly string[]): readonly string[] {
  return versions
    .map((text) => ({ text, version: readVersion(text) }))
    .filter((each): each is { text: string; version: SemanticVersion } => each.version !== undefined)
    .sort((left, right) => compare(right.version, left.version))
    .map(({ text }) => text);
}

function rangeOf(text: string): (version: SemanticVersion) => boolean {
  try {
    return readConstraint(text);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw new MeshctlError('E_CHART_VERSION', `"${text}" is no version and no range of versions.`, {
      hint: 'Write a version such as 1.28.3, or a range such as ~1.28 or ">=2.10 <3".',
    });
  }
}

const MOST_NAMED = 5;

/** Which there are, for a hint. */
export function knownVersions(versions: readonly string[]): string | undefined {
  const sorted = newestFirst(versions);
  if (sorted.length === 0) return undefined;
  const newest = sorted.slice(0, MOST_NAMED).join(', ');
  return `${sorted.length > MOST_NAMED ? 'The newest versions are' : 'There is'} ${newest}.`;
}
