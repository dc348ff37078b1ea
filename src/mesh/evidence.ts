/** What in a set of objects tells that a mesh is in use: its API groups, and the keys it puts on others' objects. */
import type { Kind, Resource } from '../model/resource.ts';
import type { ResourceSet } from '../model/resource-set.ts';
import { workloads } from '../model/workloads.ts';

export interface Evidence {
  /** API groups, whole or as a suffix that begins with a dot. */
  readonly groups: readonly string[];
  /** Prefixes or whole names of labels and annotations. */
  readonly keys: readonly string[];
  /** Keys that begin like those, and say nothing of a mesh. */
  readonly unrelated?: readonly string[];
}

/** Kinds whose labels and annotations meshes write to, besides workloads. */
const MARKED_KINDS = ['core/Namespace', 'core/Service', 'admissionregistration.k8s.io/MutatingWebhookConfiguration'] as const;

/** Charts of all sorts opt their pods out of meshes that may or may not be there. */
const OPT_OUTS: ReadonlySet<string> = new Set(['false', 'disabled', 'no']);

/** True for a kind that the mesh defines. */
export function isOfGroups(kind: Kind, { groups }: Evidence): boolean {
  const group = kind.slice(0, kind.indexOf('/'));
  return groups.some((known) => (known.startsWith('.') ? group.endsWith(known) : group === known));
}

export function showsEvidence(resources: ResourceSet, evidence: Evidence): boolean {
  if (resources.kinds().some((kind) => isOfGroups(kind, evidence))) return true;
  const speaks = (key: string): boolean =>
    evidence.keys.some((known) => key === known || (known.endsWith('/') && key.startsWith(known))) && !evidence.unrelated?.includes(key);
  const marked = (entries: Readonly<Record<string, string>>): boolean =>
    Object.keys(entries).some((key) => speaks(key) && !OPT_OUTS.has(entries[key] ?? ''));
  const isMarked = (resource: Resource): boolean => !resource.assumed && (marked(resource.labels) || marked(resource.annotations));
  return (
    MARKED_KINDS.some((kind) => resources.all(kind).some(isMarked)) ||
    resources
      .derive(workloads)
      .all.some((workload) => isMarked(workload.resource) || marked(workload.labels) || marked(workload.annotations))
  );
}
