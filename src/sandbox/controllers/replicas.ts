/** ReplicaSets: as many pods as wanted. */
import { numberAt, objectAt, stringAt } from '../../model/body.ts';
import type { Kind } from '../../model/resource.ts';
import type { Backend } from '../api/backend.ts';
import type { KubeObject } from '../store/object.ts';
import { recordEvent } from './events.ts';
import { allMade, type Made, makePod } from './make-pod.ts';
import { removePod } from './pods.ts';
import { isLive, isReady, ownedBy, POD, podFrom, randomSuffix } from './workload-parts.ts';

export const REPLICA_SET: Kind = 'apps/ReplicaSet';

export function reconcileReplicaSet(backend: Backend, set: KubeObject): Made {
  const made: Made[] = [];
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
  const { name } = set.metadata;
  let pods = ownedBy(backend, POD, set).filter(isLive);
  if (set.metadata.deletionTimestamp === undefined) {
    for (let count = pods.length; count < wanted; count++) {
      const pod = podFrom(set, `${name}-${randomSuffix()}`);
      const created = (): void => recordEvent(backend, set, 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      made.push(makePod(backend, set, pod, created));
    }
    // Pods that are not ready go first.
    const surplus = [...pods].sort((a, b) => Number(isReady(a)) - Number(isReady(b))).slice(0, Math.max(0, pods.length - wanted));
    for (const pod of surplus) {
      removePod(backend, pod);
      recordEvent(backend, set, 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
    }
    pods = ownedBy(backend, POD, set).filter(isLive);
  }
  const ready = pods.filter(isReady).length;
  const status = {
    ...objectAt(set, 'status'),
    replicas: pods.length,
    fullyLabeledReplicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    observedGeneration: set.metadata.generation,
  };
  backend.store.replace(REPLICA_SET, { ...(backend.store.get(REPLICA_SET, set.metadata.namespace ?? '', name) ?? set), status });
  return allMade(made);
}

export const templateHashOf = (set: KubeObject): string => stringAt(set, 'metadata', 'labels', 'pod-template-hash') ?? '';
