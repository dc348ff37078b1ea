/** StatefulSets, DaemonSets and Jobs: pods with a place of their own. */
import { itemsAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import type { Kind } from '../../model/resource.ts';
import type { Backend } from '../api/backend.ts';
import { type Fields, type KubeObject, timestamp } from '../store/object.ts';
import { allMade, type Made, makePod } from './make-pod.ts';
import { removePod } from './pods.ts';
import { isLive, isReady, ownedBy, POD, podFrom, randomSuffix, templateHash, withCondition } from './workload-parts.ts';

export const STATEFUL_SET: Kind = 'apps/StatefulSet';
export const DAEMON_SET: Kind = 'apps/DaemonSet';
export const JOB: Kind = 'batch/Job';

const HASH = 'controller-revision-hash';

function writeStatus(backend: Backend, kind: Kind, owner: KubeObject, status: Fields): void {
  const latest = backend.store.get(kind, owner.metadata.namespace ?? '', owner.metadata.name);
  if (latest) backend.store.replace(kind, { ...latest, status: { ...objectAt(latest, 'status'), ...status } });
}

const hashOf = (pod: KubeObject): string | undefined => pod.metadata.labels?.[HASH];

/** Ordinals in order: the next is made when the one before it is ready; outdated ones are replaced from the last. */
export function reconcileStatefulSet(backend: Backend, set: KubeObject): Made {
  const made: Made[] = [];
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
  const { name } = set.metadata;
  const revision = `${name}-${templateHash(objectAt(set, 'spec', 'template'))}`;
  const pods = ownedBy(backend, POD, set);
  const ordinal = (pod: KubeObject): number => Number(pod.metadata.name.slice(name.length + 1));
  const byOrdinal = new Map(pods.map((pod) => [ordinal(pod), pod]));
  const parallel = stringAt(set, 'spec', 'podManagementPolicy') === 'Parallel';
  if (set.metadata.deletionTimestamp === undefined) {
    for (let index = 0; index < wanted; index++) {
      const pod = byOrdinal.get(index);
      const labels = {
        [HASH]: revision,
        'statefulset.kubernetes.io/pod-name': `${name}-${index}`,
        'apps.kubernetes.io/pod-index': String(index),
      };
      if (!pod) made.push(makePod(backend, set, podFrom(set, `${name}-${index}`, labels)));
      if (!parallel && !(pod && isReady(pod) && isLive(pod))) break;
    }
    for (const pod of pods) if (ordinal(pod) >= wanted && isLive(pod)) removePod(backend, pod);
    const settled = pods.length === wanted && pods.every((pod) => isReady(pod) && isLive(pod));
    const outdated = pods.filter((pod) => hashOf(pod) !== undefined && hashOf(pod) !== revision).sort((a, b) => ordinal(b) - ordinal(a))[0];
    if (settled && outdated && stringAt(set, 'spec', 'updateStrategy', 'type') !== 'OnDelete') removePod(backend, outdated);
  }
  const now = ownedBy(backend, POD, set).filter(isLive);
  const ready = now.filter(isReady).length;
  const updated = now.filter((pod) => hashOf(pod) === undefined || hashOf(pod) === revision).length;
  const done = updated === wanted;
  writeStatus(backend, STATEFUL_SET, set, {
    observedGeneration: set.metadata.generation,
    replicas: now.length,
    readyReplicas: ready,
    availableReplicas: ready,
    currentReplicas: done ? updated : now.length - updated,
    updatedReplicas: updated,
    updateRevision: revision,
    currentRevision: done ? revision : (stringAt(set, 'status', 'currentRevision') ?? revision),
    collisionCount: 0,
  });
  return allMade(made);
}

/** One pod per node. */
export function reconcileDaemonSet(backend: Backend, set: KubeObject): Made {
  const made: Made[] = [];
  const nodes = backend.store.list('core/Node').map(({ metadata }) => metadata.name);
  const revision = templateHash(objectAt(set, 'spec', 'template'));
  const pods = ownedBy(backend, POD, set).filter(isLive);
  const nodeOf = (pod: KubeObject): string => stringAt(pod, 'spec', 'nodeName') ?? '';
  if (set.metadata.deletionTimestamp === undefined) {
    for (const node of nodes) {
      if (pods.some((pod) => nodeOf(pod) === node)) continue;
      const pod = podFrom(set, `${set.metadata.name}-${randomSuffix()}`, { [HASH]: revision });
      made.push(makePod(backend, set, { ...pod, spec: { ...objectAt(pod, 'spec'), nodeName: node } }));
    }
    const outdated = pods.find((pod) => hashOf(pod) !== undefined && hashOf(pod) !== revision);
    if (outdated && pods.every(isReady)) removePod(backend, outdated);
  }
  const now = ownedBy(backend, POD, set).filter(isLive);
  const ready = now.filter(isReady).length;
  writeStatus(backend, DAEMON_SET, set, {
    observedGeneration: set.metadata.generation,
    desiredNumberScheduled: nodes.length,
    currentNumberScheduled: now.length,
    numberMisscheduled: 0,
    numberReady: ready,
    numberAvailable: ready,
    numberUnavailable: Math.max(0, nodes.length - ready) || undefined,
    updatedNumberScheduled: now.filter((pod) => hashOf(pod) === undefined || hashOf(pod) === revision).length,
  });
  return allMade(made);
}

/** Pods until as many as wanted have succeeded. */
export function reconcileJob(backend: Backend, job: KubeObject): Made {
  const made: Made[] = [];
  const completions = numberAt(job, 'spec', 'completions') ?? 1;
  const parallelism = numberAt(job, 'spec', 'parallelism') ?? 1;
  const phase = (pod: KubeObject): string => stringAt(pod, 'status', 'phase') ?? '';
  const succeeded = ownedBy(backend, POD, job).filter((pod) => phase(pod) === 'Succeeded').length;
  const active = ownedBy(backend, POD, job).filter(isLive).length;
  if (job.metadata.deletionTimestamp === undefined && objectAt(job, 'spec')['suspend'] !== true) {
    for (let count = active; count < Math.min(parallelism, completions - succeeded); count++) {
      made.push(makePod(backend, job, podFrom(job, `${job.metadata.name}-${randomSuffix()}`)));
    }
  }
  const pods = ownedBy(backend, POD, job);
  const time = timestamp(backend.now());
  const done = succeeded >= completions;
  const complete = (type: string): Fields => ({
    type,
    status: 'True',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
    lastProbeTime: time,
  });
  const conditions = withCondition(itemsAt(job, 'status', 'conditions'), complete('SuccessCriteriaMet'), time);
  writeStatus(backend, JOB, job, {
    startTime: stringAt(job, 'status', 'startTime') ?? time,
    active: pods.filter(isLive).length || undefined,
    ready: pods.filter((pod) => isLive(pod) && isReady(pod)).length,
    succeeded: succeeded || undefined,
    terminating: 0,
    uncountedTerminatedPods: {},
    ...(done && !stringAt(job, 'status', 'completionTime')
      ? {
          completionTime: time,
          conditions: withCondition(
            conditions.map((item) => ({ item })),
            complete('Complete'),
            time,
          ),
        }
      : {}),
  });
  return allMade(made);
}
