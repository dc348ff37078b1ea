import type { Facts } from './check.ts';
import type { Resource } from './resource.ts';

/** True for what the run is about: with `--namespace` that namespace, and what concerns all of them. */
export function concerns({ namespace }: Pick<Facts, 'namespace'>, resource: Pick<Resource, 'kind' | 'namespace' | 'name'>): boolean {
  if (namespace === undefined) return true;
  const own = resource.kind === 'core/Namespace' ? resource.name : resource.namespace;
  return own === '' || own === namespace;
}
