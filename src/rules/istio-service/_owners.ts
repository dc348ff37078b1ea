/** Whose objects are whose, for rules that speak of a workload once and not of each of its pods. */
import { itemsAt, stringAt } from '../../model/body.ts';
import { kindOf, type Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import { WORKLOAD_KINDS, type Workload } from '../../model/workloads.ts';

/** True when the controller that made the object is in the input too, as the Deployment behind a Pod. */
export function hasOwnerIn(resources: ResourceSet, { resource }: Workload): boolean {
  return itemsAt(resource.body, 'metadata', 'ownerReferences').some(({ item }) => {
    const kind = kindOf(stringAt(item, 'apiVersion') ?? '', stringAt(item, 'kind') ?? '');
    return WORKLOAD_KINDS.includes(kind) && resources.get(kind, resource.namespace, stringAt(item, 'name') ?? '') !== undefined;
  });
}

/** True for parts of Istio's own installation, by the labels that its charts set. */
export function isControlPlane({ labels }: Resource): boolean {
  return 'istio' in labels || labels['release'] === 'istio';
}
