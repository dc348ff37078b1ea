/** Ranges of versions as Helm reads them. @see https://github.com/Masterminds/semver#checking-version-constraints */
import { CallError } from './failure.ts';

export interface SemanticVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly prerelease: string;
  readonly metadata: string;
  readonly original: string;
}

const NUMBER = '(0|[1-9]\\d*|\\d+)';
const VERSION = new RegExp(
  `^v?${NUMBER}(?:\\.${NUMBER})?(?:\\.${NUMBER})?(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?$`,
);

export function readVersion(text: string): SemanticVersion | undefined {
  const found = VERSION.exec(text);
  if (!found) return undefined;
  const [, major, minor = '0', patch = '0', prerelease = '', metadata = ''] = found;
  return { major: Number(major), minor: Number(minor), patch: Number(patch), prerelease, metadata, original: text };
}

type Check = (version: SemanticVersion, allowsPrerelease: boolean) => boolean;

/** @throws CallError for what is no range */
export function readConstraint(text: string): (version: SemanticVersion) => boolean {
  const groups = text
    .replace(RANGE, (_, from: string, to: string) => ` >= ${from}, <= ${to} `)
    .split('||')
    .map((group) => {
      const rest = group.replace(new RegExp(PART, 'g'), '').replace(/[\s,]/g, '');
      const parts = [...group.matchAll(new RegExp(PART, 'g'))];
      if (rest !== '' || (parts.length === 0 && group.trim() !== '')) throw new CallError(`improper constraint: ${text}`);
      const allows = parts.some(([, , , , , prerelease]) => prerelease !== undefined);
      const checks = parts.map(checkOf);
      return (version: SemanticVersion): boolean =>
        checks.every((check) => check(version, allows)) && (parts.length > 0 || version.prerelease === '');
    });
  return (version) => groups.some((group) => group(version));
}

/** @returns false for what is no version or no range */
export function isCompatible(range: string, text: string): boolean {
  const version = readVersion(text);
  try {
    return version !== undefined && readConstraint(range)(version);
  } catch (error) {
    if (error instanceof CallError) return false;
    throw error;
  }
}

const PIECE = '([0-9xX*]+)';
const RAW = `v?${PIECE}(?:\\.${PIECE})?(?:\\.${PIECE})?(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+[0-9A-Za-z.-]+)?`;
const PART = `(=|!=|>=|=>|<=|=<|>|<|~>|~|\\^)?\\s*${RAW}`;
const RANGE = new RegExp(
  `(${RAW.replaceAll('(', '(?:').replaceAll('(?:?:', '(?:')})\\s+-\\s+(${RAW.replaceAll('(', '(?:').replaceAll('(?:?:', '(?:')})`,
  'g',
);

const isWild = (part: string | undefined): boolean => part === undefined || /^[xX*]$/.test(part);

function checkOf([, operator = '', major, minor, patch, prerelease = '']: RegExpMatchArray): Check {
  const wildMajor = isWild(major);
  const wildMinor = wildMajor || isWild(minor);
  const wildPatch = wildMinor || isWild(patch);
  const base: SemanticVersion = {
    major: wildMajor ? 0 : Number(major),
    minor: wildMinor ? 0 : Number(minor),
    patch: wildPatch ? 0 : Number(patch),
    ...{ prerelease, metadata: '', original: '' },
  };
  /** The first version that the written part no longer covers. */
  const inside = (version: SemanticVersion): boolean =>
    (wildMajor || version.major === base.major) &&
    (wildMinor || version.minor === base.minor) &&
    (wildPatch || version.patch === base.patch);
  const tilde: Check = (version) =>
    compare(version, base) >= 0 && (wildMajor || (version.major === base.major && (wildMinor || version.minor === base.minor)));
  const check = ((): Check => {
    switch (operator) {
      case '!=':
        return (version) => (wildPatch ? !inside(version) : compare(version, base) !== 0);
      case '>':
        return (version) => (wildPatch ? !inside(version) && compare(version, base) > 0 : compare(version, base) > 0);
      case '<':
        return (version) => compare(version, base) < 0;
      case '>=':
      case '=>':
        return (version) => compare(version, base) >= 0;
      case '<=':
      case '=<':
        return (version) => compare(version, base) <= 0 || (wildPatch && inside(version));
      case '~':
      case '~>':
        return tilde;
      case '^':
        return (version) => compare(version, base) >= 0 && caret(version, base, wildMajor, wildMinor, wildPatch);
      default:
        return (version) => (wildPatch ? tilde(version, true) : compare(version, base) === 0);
    }
  })();
  return (version, allowsPrerelease) => (version.prerelease === '' || allowsPrerelease) && check(version, allowsPrerelease);
}

/** The first number that is not zero stays. */
function caret(version: SemanticVersion, base: SemanticVersion, wildMajor: boolean, wildMinor: boolean, wildPatch: boolean): boolean {
  if (wildMajor) return true;
  if (base.major > 0 || wildMinor) return version.major === base.major;
  if (version.major !== 0) return false;
  if (base.minor > 0 || wildPatch) return version.minor === base.minor;
  return version.minor === 0 && version.patch === base.patch;
}

export function compare(left: SemanticVersion, right: SemanticVersion): number {
  return (
    left.major - right.major || left.minor - right.minor || left.patch - right.patch || comparePrerelease(left.prerelease, right.prerelease)
  );
}

function comparePrerelease(left: string, right: string): number {
  if (left === right) return 0;
  if (left === '') return 1;
  if (right === '') return -1;
  const [first, second] = [left.split('.'), right.split('.')];
  for (let index = 0; index < Math.max(first.length, second.length); index++) {
    const [own, other] = [first[index], second[index]];
    if (own === undefined) return -1;
    if (other === undefined) return 1;
    if (own === other) continue;
    const [isOwn, isOther] = [/^\d+$/.test(own), /^\d+$/.test(other)];
    if (isOwn && isOther) return Number(own) - Number(other);
    if (isOwn !== isOther) return isOwn ? -1 : 1;
    return own < other ? -1 : 1;
  }
  return 0;
}
