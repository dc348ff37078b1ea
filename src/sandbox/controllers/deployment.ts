/** Deployments: one ReplicaSet per template, rolled over within maxSurge and maxUnavailable. */
import { itemsAt, numberAt, objectAt, stringAt, stringMapAt } from '../../model/body.ts';
import type { Kind } from '../../model/resource.ts';
import type { Backend } from '../api/backend.ts';
import { type Fields, isSame, type KubeObject, timestamp } from '../store/object.ts';
import { recordEvent } from './events.ts';
import { REPLICA_SET, templateHashOf } from './replicas.ts';
import { controllerReference, ownedBy, templateHash, withCondition } from './workload-parts.ts';

export const DEPLOYMENT: Kind = 'apps/Deployment';

const REVISION = 'deployment.kubernetes.io/revision';
const replicasOf = (set: KubeObject): number => numberAt(set, 'spec', 'replicas') ?? 0;
const countOf = (set: KubeObject, field: string): number => numberAt(set, 'status', field) ?? 0;
const revisionOf = (set: KubeObject): number => Number(set.metadata.annotations?.[REVISION] ?? 0);

/** `25%` of the replicas, rounded up for surge and down for unavailability. */
function share(value: unknown, replicas: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  return round((replicas * Number(String(value ?? '25%').replace('%', ''))) / 100);
}

function templateOf(set: KubeObject): unknown {
  const template = structuredClone(objectAt(set, 'spec', 'template'));
  delete (objectAt(template, 'metadata', 'labels') as Fields)['pod-template-hash'];
  return template;
}

function newSet(backend: Backend, deployment: KubeObject, sets: readonly KubeObject[]): KubeObject {
  const template = objectAt(deployment, 'spec', 'template');
  const revision = Math.max(0, ...sets.map(revisionOf)) + 1;
  const found = sets.find((set) => isSame(templateOf(set), template));
  if (found && (revisionOf(found) === revision - 1 || found.metadata.annotations?.[REVISION] === undefined)) return found;
  if (found)
    return scaleSet(
      backend,
      { ...found, metadata: { ...found.metadata, annotations: { ...found.metadata.annotations, [REVISION]: String(revision) } } },
      replicasOf(found),
    );
  const hash = templateHash(template);
  const labels = { ...stringMapAt(template, 'metadata', 'labels'), 'pod-template-hash': hash };
  return backend.store.create(REPLICA_SET, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace ?? 'default',
      labels,
      annotations: { [REVISION]: String(revision) },
      generation: 1,
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: { ...stringMapAt(deployment, 'spec', 'selector', 'matchLabels'), 'pod-template-hash': hash } },
      template: { ...template, metadata: { ...objectAt(template, 'metadata'), labels } },
    },
    status: { replicas: 0 },
  });
}

function scaleSet(backend: Backend, set: KubeObject, replicas: number): KubeObject {
  const generation = (set.metadata.generation ?? 1) + (replicasOf(set) === replicas ? 0 : 1);
  return backend.store.replace(REPLICA_SET, {
    ...set,
    metadata: { ...set.metadata, generation },
    spec: { ...objectAt(set, 'spec'), replicas },
  });
}

export function reconcileDeployment(backend: Backend, deployment: KubeObject): void {
  if (deployment.metadata.deletionTimestamp !== undefined) return;
  const current = newSet(backend, deployment, ownedBy(backend, REPLICA_SET, deployment));
  const wanted = numberAt(deployment, 'spec', 'replicas') ?? 1;
  const old = ownedBy(backend, REPLICA_SET, deployment).filter((set) => set.metadata.uid !== current.metadata.uid);
  if (objectAt(deployment, 'spec')['paused'] !== true) roll(backend, deployment, current, old, wanted);
  writeStatus(backend, deployment, templateHashOf(current), wanted);
}

function roll(backend: Backend, deployment: KubeObject, current: KubeObject, old: readonly KubeObject[], wanted: number): void {
  const limits = objectAt(deployment, 'spec', 'strategy', 'rollingUpdate');
  const recreate = stringAt(deployment, 'spec', 'strategy', 'type') === 'Recreate';
  const surge = recreate ? 0 : share(limits['maxSurge'], wanted, Math.ceil);
  const unavailable = recreate ? wanted : Math.max(share(limits['maxUnavailable'], wanted, Math.floor), surge === 0 ? 1 : 0);
  const all = [current, ...old];
  const scale = (set: KubeObject, replicas: number): void => {
    if (replicasOf(set) === replicas) return;
    const verb = replicas > replicasOf(set) ? 'up' : 'down';
    recordEvent(
      backend,
      deployment,
      'ScalingReplicaSet',
      `Scaled ${verb} replica set ${set.metadata.name} from ${replicasOf(set)} to ${replicas}`,
    );
    scaleSet(backend, set, replicas);
  };
  const total = all.reduce((sum, set) => sum + Math.max(replicasOf(set), countOf(set, 'replicas')), 0);
  const others = total - Math.max(replicasOf(current), countOf(current, 'replicas'));
  const room = recreate && others > 0 ? 0 : Math.max(0, wanted + surge - total);
  scale(current, Math.min(wanted, replicasOf(current) + room));
  const ready = all.reduce((sum, set) => sum + countOf(set, 'readyReplicas'), 0);
  let spare = Math.max(0, ready - (wanted - unavailable));
  for (const set of old) {
    const broken = replicasOf(set) - countOf(set, 'readyReplicas');
    const fewer = Math.min(replicasOf(set), recreate ? replicasOf(set) : Math.max(0, broken) + spare);
    spare -= Math.max(0, fewer - Math.max(0, broken));
    scale(set, replicasOf(set) - fewer);
  }
}

function writeStatus(backend: Backend, deployment: KubeObject, hash: string, wanted: number): void {
  const sets = ownedBy(backend, REPLICA_SET, deployment);
  const current = sets.find((set) => templateHashOf(set) === hash);
  const sum = (field: string): number => sets.reduce((total, set) => total + countOf(set, field), 0);
  const [replicas, ready, updated] = [sum('replicas'), sum('readyReplicas'), current ? countOf(current, 'replicas') : 0];
  const complete = updated === wanted && replicas === wanted && ready === wanted;
  const available =
    ready >= wanted - share(objectAt(deployment, 'spec', 'strategy', 'rollingUpdate')['maxUnavailable'], wanted, Math.floor);
  const time = timestamp(backend.now());
  const name = current?.metadata.name ?? '';
  const conditions = withCondition(
    itemsAt(deployment, 'status', 'conditions'),
    {
      type: 'Available',
      status: available ? 'True' : 'False',
      reason: available ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      message: available ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
    },
    time,
  );
  const progress = {
    type: 'Progressing',
    status: 'True',
    reason: complete ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
    message: complete ? `ReplicaSet "${name}" has successfully progressed.` : `ReplicaSet "${name}" is progressing.`,
  };
  const { name: own, namespace = '', annotations, generation } = deployment.metadata;
  const latest = backend.store.get(DEPLOYMENT, namespace, own) ?? deployment;
  backend.store.replace(DEPLOYMENT, {
    ...latest,
    metadata: { ...latest.metadata, annotations: { ...annotations, [REVISION]: current?.metadata.annotations?.[REVISION] ?? '1' } },
    status: {
      observedGeneration: generation,
      replicas,
      updatedReplicas: updated,
      readyReplicas: ready,
      availableReplicas: ready,
      unavailableReplicas: Math.max(0, wanted - ready) || undefined,
      conditions: withCondition(
        conditions.map((item) => ({ item })),
        progress,
        time,
      ).map((item) => ({ lastUpdateTime: item['lastTransitionTime'], ...item })),
    },
  });
}
