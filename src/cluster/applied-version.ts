/**
 * The version that the author of an object wrote. A server converts every object to the version that it
 * is asked for, so that deprecated versions cannot be seen in what it gives.
 */
import { has, itemsAt, stringAt } from '../model/body.ts';
import type { Body } from '../model/resource.ts';

/** Nobody else reads it, and it may repeat the whole object. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * What was applied last, by the clock of the server. Only applying counts: an entry of an update names
 * the version in which a field was last changed, and stays behind when an unchanged object is written
 * anew in another version. A server keeps one entry for each manager that applies, of its last time.
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers
 */
export function appliedVersion(metadata: Body): string | undefined {
  const entries = itemsAt(metadata, 'managedFields')
    .map(({ item }) => item)
    .filter((entry) => !stringAt(entry, 'subresource'));
  const timeOf = (entry: Body | undefined): string => (entry && stringAt(entry, 'time')) ?? '';
  const applied = entries
    .filter((entry) => entry['operation'] === 'Apply')
    .map((entry) => ({ version: stringAt(entry, 'apiVersion'), time: timeOf(entry) }));
  const annotated = annotatedVersion(metadata);
  if (annotated !== undefined) {
    const writers = entries.filter((entry) => has(entry, 'fieldsV1', 'f:metadata', 'f:annotations', `f:${LAST_APPLIED}`));
    applied.push({ version: annotated, time: writers.map(timeOf).sort().at(-1) ?? '' });
  }
  const newest = applied
    .map(({ time }) => time)
    .sort()
    .at(-1);
  const versions = new Set(applied.filter(({ time }) => time === newest).map(({ version }) => version));
  // Two at the same second may be of two authors.
  return versions.size === 1 ? [...versions][0] : undefined;
}

function annotatedVersion(metadata: Body): string | undefined {
  try {
    return stringAt(JSON.parse(stringAt(metadata, 'annotations', LAST_APPLIED) ?? ''), 'apiVersion');
  } catch {
    return undefined;
  }
}
