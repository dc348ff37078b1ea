/** The meshes of a cluster, by the marks that they leave on its objects. */
import { ENDS_ALL } from '../checks/runner.ts';
import { MeshctlError } from '../errors.ts';
import { meshes } from '../mesh/index.ts';
import type { Cluster } from '../model/cluster.ts';
import type { MeshAdapter } from '../model/mesh-adapter.ts';
import type { Kind, Resource } from '../model/resource.ts';
import { resourceSet } from '../model/resource-set.ts';
import { nearest } from '../text/nearest.ts';

/** Kinds whose objects meshes leave their marks on. What may not be read shows no marks. */
const MARKED: readonly Kind[] = ['core/Namespace', 'admissionregistration.k8s.io/MutatingWebhookConfiguration', 'apps/Deployment'];

export interface Detected {
  readonly found: readonly MeshAdapter[];
  /** Kinds that could not be asked for marks. */
  readonly unread: readonly Kind[];
}

export async function meshesIn(cluster: Cluster): Promise<Detected> {
  const [served, ...lists] = await Promise.all([cluster.kinds(), ...MARKED.map((kind) => listed(cluster, kind))]);
  const objects = resourceSet(lists.flatMap((list) => list ?? []));
  const set = { ...objects, kinds: () => [...objects.kinds(), ...served.keys()] };
  return { found: meshes.filter((mesh) => mesh.detect(set)), unread: MARKED.filter((_, index) => lists[index] === undefined) };
}

/** @returns undefined when they may not be read, or were not given in time */
async function listed(cluster: Cluster, kind: Kind): Promise<readonly Resource[] | undefined> {
  const found: Resource[] = [];
  try {
    for await (const page of cluster.list(kind)) found.push(...page);
    return found;
  } catch (error) {
    if (!(error instanceof MeshctlError) || ENDS_ALL.has(error.code)) throw error;
    return undefined;
  }
}

/**
 * An empty namespace has no trouble, and neither has one that is misspelled.
 * @throws MeshctlError E_NAMESPACE when it does not exist
 */
export async function assertNamespace(name: string | undefined, cluster: Cluster): Promise<void> {
  if (name === undefined) return;
  const known = (await listed(cluster, 'core/Namespace'))?.map((namespace) => namespace.name);
  if (known === undefined || known.includes(name)) return;
  const close = nearest(name, known);
  throw new MeshctlError('E_NAMESPACE', `Namespace "${name}" was not found in context "${cluster.context}".`, {
    hint: close ? `Did you mean "${close}"?` : 'Run "kubectl get namespaces" to see which there are.',
  });
}
