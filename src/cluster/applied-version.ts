/**
 * The version that the author of an object wrote. A server converts every object to the version that it
 * is asked for, so that deprecated versions cannot be seen in what it gives.
 */
import { itemsAt, stringAt } from '../model/body.ts';
import type { Body } from '../model/resource.ts';

/** Nobody else reads it, and it may repeat the whole object. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The version in which everybody who applies the object applied it last; undefined when they differ, or
 * nobody does. Only applying counts: an entry of an update names the version in which a field was last
 * changed, and stays behind when an unchanged object is written anew in another version. Of each manager
 * that applies, a server keeps the entry of the last time.
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers
 */
export function appliedVersion(metadata: Body): string | undefined {
  const onServer = itemsAt(metadata, 'managedFields').flatMap(({ item }) =>
    item['operation'] === 'Apply' && !item['subresource'] ? (stringAt(item, 'apiVersion') ?? []) : [],
  );
  const versions = new Set([...onServer, ...annotatedVersion(metadata)]);
  return versions.size === 1 ? [...versions][0] : undefined;
}

/** What kubectl applied without the server's help; the annotation may be left over from the time before. */
function annotatedVersion(metadata: Body): readonly string[] {
  try {
    return [stringAt(JSON.parse(stringAt(metadata, 'annotations', LAST_APPLIED) ?? ''), 'apiVersion') ?? []].flat();
  } catch {
    return [];
  }
}
