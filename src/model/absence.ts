/** What an input that is not whole has to hold before something can be called missing from it. */
import { type Kind, type Resource, shortKind } from './resource.ts';
import type { ResourceSet } from './resource-set.ts';
import type { Evidence } from './rule.ts';

/**
 * Objects of one of the kinds in one of the namespaces. Teams keep the manifests of their own namespaces
 * together; those of others, such as the mesh's, are elsewhere, and nothing follows from their absence.
 */
export function givenIn(resources: ResourceSet, kinds: Kind | readonly Kind[], ...namespaces: readonly string[]): Evidence {
  const all: readonly Kind[] = typeof kinds === 'string' ? [kinds] : kinds;
  const isOwn = (resource: Resource): boolean => !resource.assumed;
  return {
    kinds: all,
    of: `${kindsInWords(all)} in namespace ${namespaces.map((namespace) => `"${namespace}"`).join(' or ')}`,
    given: all.some((kind) => namespaces.some((namespace) => resources.inNamespace(kind, namespace).some(isOwn))),
  };
}

/** The first two are enough to know what is meant. */
export function kindsInWords(kinds: readonly Kind[]): string {
  return kinds.map(shortKind).slice(0, 2).join(' or ');
}
