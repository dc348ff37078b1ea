/** Names for findings that stay the same when lines move, lists change around them or files are renamed. */
import type { Finding } from '../model/finding.ts';
import { groupBy } from '../model/maps.ts';
import { heldAt, stablePath } from '../model/stable-path.ts';
import { sha256 } from '../text/hash.ts';

/**
 * A distinct SHA-256 for each finding. Findings that nothing but their place tells apart are numbered in order of place.
 * @param findings all of a report, the suppressed ones too, so that a suppression does not renumber the rest
 */
export function fingerprintsOf(findings: readonly Finding[]): ReadonlyMap<Finding, string> {
  const fingerprints = new Map<Finding, string>();
  for (const [key, group] of groupBy(findings, identityOf)) {
    for (const [index, finding] of group.sort(byPlace).entries()) fingerprints.set(finding, sha256(`${key} ${index}`));
  }
  return fingerprints;
}

const byPlace = (left: Finding, right: Finding): number =>
  (left.position?.line ?? 0) - (right.position?.line ?? 0) || (left.position?.column ?? 0) - (right.position?.column ?? 0);

/** No message in it: a better wording in a new version must not make every finding a new one. */
function identityOf({ rule, resource, path = [] }: Finding): string {
  const { cluster = '', kind, namespace, name, body } = resource;
  return JSON.stringify([rule, cluster, kind, namespace, name, stablePath(body, path), heldAt(body, path)]);
}
