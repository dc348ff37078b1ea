import { func } from '../builtins.ts';
import { CallError } from '../failure.ts';
import { compare, readConstraint, readVersion, type SemanticVersion } from '../semver.ts';
import { type Func, type GoObject, int, int64, isObject, methodsFrom, type Value } from '../value.ts';

const versions = new WeakMap<GoObject, SemanticVersion>();

function parsed(text: string): SemanticVersion {
  const version = readVersion(text);
  if (!version) throw new CallError('invalid semantic version');
  return version;
}

function versionValue(version: SemanticVersion): GoObject {
  const { major, minor, patch, prerelease, metadata, original } = version;
  const text = `${major}.${minor}.${patch}${prerelease === '' ? '' : `-${prerelease}`}${metadata === '' ? '' : `+${metadata}`}`;
  const changed = (more: Partial<SemanticVersion>): Func =>
    func([], () => versionValue({ ...version, prerelease: '', metadata: '', ...more }));
  const compared = (judge: (order: number) => Value): Func =>
    func(['interface {}'], (other: Value) => {
      const own = isObject(other) ? versions.get(other) : undefined;
      if (!own) throw new CallError('wrong type for value; expected *semver.Version');
      return judge(Math.sign(compare(version, own)));
    });
  const methods: Readonly<Record<string, Func>> = {
    Major: func([], () => int64(major)),
    Minor: func([], () => int64(minor)),
    Patch: func([], () => int64(patch)),
    Prerelease: func([], () => prerelease),
    Metadata: func([], () => metadata),
    Original: func([], () => original),
    String: func([], () => text),
    IncMajor: changed({ major: major + 1, minor: 0, patch: 0 }),
    IncMinor: changed({ minor: minor + 1, patch: 0 }),
    // A prerelease comes before its release.
    IncPatch: changed({ patch: prerelease === '' ? patch + 1 : patch }),
    Compare: compared((order) => int(order)),
    Equal: compared((order) => order === 0),
    LessThan: compared((order) => order < 0),
    GreaterThan: compared((order) => order > 0),
  };
  const value: GoObject = {
    goType: '*semver.Version',
    kind: 'ptr',
    field: () => undefined,
    method: methodsFrom(methods),
    text: () => text,
    isTrue: () => true,
    plain: () => text,
  };
  versions.set(value, version);
  return value;
}

export const versionFunctions: Readonly<Record<string, Func>> = {
  semver: func(['string'], (text: string) => versionValue(parsed(text))),
  semverCompare: func(['string', 'string'], (constraint: string, text: string) => {
    const allows = readConstraint(constraint);
    return allows(parsed(text));
  }),
};
