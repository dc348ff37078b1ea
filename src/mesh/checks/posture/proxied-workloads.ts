/** The workloads whose pods have a proxy, each with one pod of it: pods of one workload are alike, and are changed together. */
import { itemsAt, stringAt } from '../../../model/body.ts';
import type { Affected, Facts } from '../../../model/check.ts';
import { getOrInsert } from '../../../model/maps.ts';
import { ownersOf } from '../../../model/owners.ts';
import type { Body, Resource } from '../../../model/resource.ts';
import { isEnded } from '../pods.ts';
import { POD } from './traits.ts';

export interface ProxiedWorkload {
  /** What is to be changed: the owner of the pods, or a pod that has none. */
  readonly resource: Affected['resource'];
  readonly pod: Resource;
  readonly proxy: Body;
  /** The proxy starts before the other containers and ends after them. */
  readonly isNative: boolean;
  /** Containers other than the proxy; none for a gateway. */
  readonly apps: readonly Body[];
  /** Run to completion and not waited for by anybody. */
  readonly isJob: boolean;
}

export async function proxiedWorkloads(facts: Facts, proxyName: string): Promise<readonly ProxiedWorkload[]> {
  const found = new Map<string, ProxiedWorkload>();
  for (const pod of await facts.scoped(POD)) {
    if (isEnded(pod)) continue;
    const containers = itemsAt(pod.body, 'spec', 'containers').map(({ item }) => item);
    const inits = itemsAt(pod.body, 'spec', 'initContainers').map(({ item }) => item);
    const isProxy = (container: Body): boolean => container['name'] === proxyName;
    const native = inits.find(isProxy);
    const proxy = native ?? containers.find(isProxy);
    if (!proxy) continue;
    const resource = workloadOf(pod);
    getOrInsert(found, `${resource.kind} ${resource.namespace}/${resource.name}`, () => ({
      ...{ resource, pod, proxy, isNative: native !== undefined },
      apps: containers.filter((container) => !isProxy(container)),
      isJob: resource.kind.startsWith('batch/'),
    }));
  }
  return [...found.values()];
}

/** A ReplicaSet is named after its Deployment, with the hash of the template that its pods carry as a label. */
export function workloadOf(pod: Resource): Affected['resource'] {
  const owner = ownersOf(pod).find(({ controls }) => controls);
  if (!owner) return pod;
  const suffix = `-${pod.labels['pod-template-hash'] ?? ''}`;
  if (owner.kind === 'apps/ReplicaSet' && suffix.length > 1 && owner.name.endsWith(suffix)) {
    return { apiVersion: 'apps/v1', kind: 'apps/Deployment', namespace: pod.namespace, name: owner.name.slice(0, -suffix.length) };
  }
  const version = itemsAt(pod.body, 'metadata', 'ownerReferences').find(({ item }) => item['name'] === owner.name)?.item;
  return { apiVersion: stringAt(version, 'apiVersion') ?? '', kind: owner.kind, namespace: pod.namespace, name: owner.name };
}
