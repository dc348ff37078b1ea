/** Versions, as Helm 4 prints them. */
import { describe, expect, it } from 'vitest';
import { evaluated, refusalOf } from '../charts.ts';

const PRINTED: readonly (readonly [expression: string, printed: string])[] = [
  ['semverCompare ">=1.19-0" "1.32.5-gke.1"', 'true'],
  ['semverCompare ">=1.19" "1.32.5-gke.1"', 'false'],
  ['semverCompare "^1.2.0" "1.3.0"', 'true'],
  ['semverCompare "~1.2" "1.2.9"', 'true'],
  ['semverCompare "1.x" "1.9.0"', 'true'],
  ['semverCompare ">1.2 <2 || 3.x" "3.4.5"', 'true'],
  ['semverCompare "1.2 - 1.4" "1.4.9"', 'true'],
  ['semverCompare "!=1.2.3" "1.2.4"', 'true'],
  ['semverCompare "<1.21-0" "v1.20.4"', 'true'],
  ['semverCompare "^0.2.3" "0.3.0"', 'false'],
  ['semverCompare "^0.0.3" "0.0.4"', 'false'],
  ['semverCompare "=1.2.3" "1.2.3"', 'true'],
  ['semverCompare "*" "1.2.3"', 'true'],
  ['semverCompare ">=1.0.0, <2.0.0" "1.5.0"', 'true'],
  ['(semver "v1.2.3-rc.1+meta").Prerelease', 'rc.1'],
  ['(semver "v1.2.3-rc.1+meta").Metadata', 'meta'],
  ['(semver "v1.2.3-rc.1+meta").Original', 'v1.2.3-rc.1+meta'],
  ['(semver "v1.2.3").String', '1.2.3'],
  ['(semver "1.2.3").IncMinor', '1.3.0'],
  ['(semver "1.2.3").IncPatch', '1.2.4'],
  ['(semver "1.2.3").IncMajor', '2.0.0'],
  ['(semver "1.2.3").Major', '1'],
  ['(semver "1.2.3").Minor', '2'],
  ['(semver "1.2.3").Patch', '3'],
  ['(semver "1.2.3").Compare (semver "1.2.4")', '-1'],
  ['(semver "1.2.3").LessThan (semver "1.2.4")', 'true'],
  ['(semver "1.2.3").GreaterThan (semver "1.2.4")', 'false'],
  ['(semver "1.2.3").Equal (semver "1.2.3")', 'true'],
  ['semver "1.2"', '1.2.0'],
];

const REFUSED: readonly (readonly [expression: string, reason: string])[] = [
  ['semverCompare "x" "a"', 'error calling semverCompare: invalid semantic version'],
  ['semverCompare "bad" "1.0.0"', 'error calling semverCompare: improper constraint: bad'],
  ['semver "x"', 'error calling semver: invalid semantic version'],
];

describe('versions', () => {
  it.each(PRINTED)('%s', (expression, printed) => expect(evaluated(expression)).toBe(printed));

  it.each(REFUSED)('%s fails', (expression, reason) => expect(refusalOf(expression)).toBe(reason));
});
