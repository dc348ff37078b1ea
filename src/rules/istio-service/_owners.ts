/** Whose objects are whose, for rules that speak of a workload once and not of each of its pods. */
import { makerOf } from '../../model/owners.ts';
import type { Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Workload } from '../../model/workloads.ts';

/** True when the workload that made the object is in the input too, as the Deployment behind a Pod. */
export function hasOwnerIn(resources: ResourceSet, { resource }: Workload): boolean {
  return makerOf(resource, resources) !== undefined;
}

/** True for parts of Istio's own installation, by the labels that its charts set. */
export function isControlPlane({ labels }: Resource): boolean {
  return 'istio' in labels || labels['release'] === 'istio';
}
