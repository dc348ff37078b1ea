/** Pods that run, or are about to: those whose containers tell what injection did. */
import { has, stringAt } from '../../model/body.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import { type Workload, workloads } from '../../model/workloads.ts';

/** Pods that were created and are neither completed nor being deleted, nor mirrors of a node's static pods, which no webhook changes. */
export function livePods(resources: ResourceSet): readonly Workload[] {
  return resources
    .derive(workloads)
    .all.filter((workload) => workload.isPod && !workload.resource.assumed && isCreated(workload, resources) && isLive(workload));
}

/**
 * A Pod in a file may still be waiting to be created, and then it gets its sidecar later. Input
 * that claims to be whole shows what exists.
 */
export function isCreated({ resource }: Workload, { complete }: ResourceSet): boolean {
  return (
    complete || ['uid', 'creationTimestamp'].some((field) => has(resource.body, 'metadata', field)) || has(resource.body, 'status', 'phase')
  );
}

function isLive({ resource, annotations }: Workload): boolean {
  const phase = stringAt(resource.body, 'status', 'phase');
  return (
    phase !== 'Succeeded' &&
    phase !== 'Failed' &&
    !has(resource.body, 'metadata', 'deletionTimestamp') &&
    annotations['kubernetes.io/config.mirror'] === undefined
  );
}
