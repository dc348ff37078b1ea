/** What in a set of objects tells that a mesh is in use: its API groups, and the keys it puts on others' objects. */
import type { Resource } from '../model/resource.ts';
import type { ResourceSet } from '../model/resource-set.ts';
import { workloads } from '../model/workloads.ts';

export interface Evidence {
  /** API groups, whole or as a suffix that begins with a dot. */
  readonly groups: readonly string[];
  /** Prefixes or whole names of labels and annotations. */
  readonly keys: readonly string[];
}

/** Kinds whose labels and annotations meshes write to, besides workloads. */
const MARKED_KINDS = ['core/Namespace', 'core/Service', 'admissionregistration.k8s.io/MutatingWebhookConfiguration'] as const;

export function showsEvidence(resources: ResourceSet, evidence: Evidence): boolean {
  const ofGroup = (group: string): boolean =>
    evidence.groups.some((known) => (known.startsWith('.') ? group.endsWith(known) : group === known));
  if (resources.kinds().some((kind) => ofGroup(kind.slice(0, kind.indexOf('/'))))) return true;
  const marked = (keys: Readonly<Record<string, string>>): boolean =>
    Object.keys(keys).some((key) => evidence.keys.some((known) => key === known || (known.endsWith('/') && key.startsWith(known))));
  const isMarked = (resource: Resource): boolean => !resource.assumed && (marked(resource.labels) || marked(resource.annotations));
  return (
    MARKED_KINDS.some((kind) => resources.all(kind).some(isMarked)) ||
    resources
      .derive(workloads)
      .all.some((workload) => isMarked(workload.resource) || marked(workload.labels) || marked(workload.annotations))
  );
}
