/** Whether an object does what it was made for, and if not, why. The questions are those of `helm --wait`. */
import { at, booleanAt, has, itemsAt, numberAt, stringAt, stringMapAt } from '../model/body.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Resource } from '../model/resource.ts';

export interface Readiness {
  readonly isReady: boolean;
  /** Half a sentence: `0 of 1 pods ready`. */
  readonly reason: string;
  /** True when waiting will not help. */
  readonly hasFailed?: boolean;
}

const READY: Readiness = { isReady: true, reason: '' };
const not = (reason: string, hasFailed = false): Readiness => ({ isReady: false, reason, hasFailed });

export function readinessOf(live: Resource): Readiness {
  const { body } = live;
  const judge = JUDGES[live.kind];
  if (!judge) return READY;
  const observed = numberAt(body, 'status', 'observedGeneration');
  const generation = numberAt(body, 'metadata', 'generation');
  if (WATCHED.has(live.kind) && generation !== undefined && observed !== undefined && observed < generation)
    return not('its controller has not looked at it yet');
  return judge(live);
}

const WATCHED: ReadonlySet<string> = new Set(['apps/Deployment', 'apps/DaemonSet', 'apps/StatefulSet', 'apps/ReplicaSet']);

const number = ({ body }: Resource, field: string): number => numberAt(body, 'status', field) ?? 0;
const condition = ({ body }: Resource, type: string): object | undefined =>
  itemsAt(body, 'status', 'conditions').find(({ item }) => item['type'] === type)?.item;
const isTrue = (live: Resource, type: string): boolean => stringAt(condition(live, type), 'status') === 'True';

const JUDGES: Readonly<Record<string, (live: Resource) => Readiness>> = {
  'apps/Deployment': (live) => {
    if (booleanAt(live.body, 'spec', 'paused') === true) return READY;
    const stuck = condition(live, 'Progressing');
    if (stringAt(stuck, 'reason') === 'ProgressDeadlineExceeded') return not('it made no progress for longer than its deadline', true);
    const wanted = numberAt(live.body, 'spec', 'replicas') ?? 1;
    const [all, updated, ready] = [number(live, 'replicas'), number(live, 'updatedReplicas'), number(live, 'readyReplicas')];
    if (updated < wanted) return not(`${updated} of ${wanted} pods updated`);
    // Pods of the version before serve until those of this one are ready.
    if (all > updated) return not(`${updated} of ${wanted} pods updated, ${all - updated} old ones still there`);
    return ready < wanted ? not(`${ready} of ${wanted} pods ready`) : READY;
  },
  'apps/StatefulSet': (live) => {
    const wanted = numberAt(live.body, 'spec', 'replicas') ?? 1;
    const [updated, ready] = [number(live, 'updatedReplicas'), number(live, 'readyReplicas')];
    const partition = numberAt(live.body, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
    if (stringAt(live.body, 'spec', 'updateStrategy', 'type') !== 'OnDelete' && updated < wanted - partition)
      return not(`${updated} of ${wanted} pods updated`);
    return ready < wanted ? not(`${ready} of ${wanted} pods ready`) : READY;
  },
  'apps/DaemonSet': (live) => {
    const [wanted, updated, ready] = [
      number(live, 'desiredNumberScheduled'),
      number(live, 'updatedNumberScheduled'),
      number(live, 'numberReady'),
    ];
    if (stringAt(live.body, 'spec', 'updateStrategy', 'type') !== 'OnDelete' && updated < wanted)
      return not(`${updated} of ${wanted} pods updated`);
    return ready < wanted ? not(`${ready} of ${wanted} pods ready`) : READY;
  },
  'apps/ReplicaSet': (live) => {
    const wanted = numberAt(live.body, 'spec', 'replicas') ?? 1;
    return number(live, 'readyReplicas') < wanted ? not(`${number(live, 'readyReplicas')} of ${wanted} pods ready`) : READY;
  },
  'core/Pod': (live) => {
    const phase = stringAt(live.body, 'status', 'phase') ?? 'Pending';
    if (phase === 'Succeeded' || isTrue(live, 'Ready')) return READY;
    return phase === 'Failed' ? not('it has failed', true) : not(podTrouble(live) ?? `it is ${phase}`);
  },
  'batch/Job': (live) => {
    if (isTrue(live, 'Complete')) return READY;
    if (isTrue(live, 'Failed')) return not(stringAt(condition(live, 'Failed'), 'message') ?? 'it has failed', true);
    return not('it has not finished');
  },
  'core/PersistentVolumeClaim': (live) => (stringAt(live.body, 'status', 'phase') === 'Bound' ? READY : not('no volume is bound to it')),
  'apiextensions.k8s.io/CustomResourceDefinition': (live) => {
    if (isTrue(live, 'Established')) return READY;
    const refused = condition(live, 'NamesAccepted');
    return stringAt(refused, 'status') === 'False'
      ? not(stringAt(refused, 'message') ?? 'its names are taken', true)
      : not('it is not established');
  },
  'core/Namespace': (live) => (stringAt(live.body, 'status', 'phase') === 'Terminating' ? not('it is being deleted') : READY),
};

/** Why a pod is not ready, out of its own words; undefined when it does not tell. */
function podTrouble(pod: Resource): string | undefined {
  const scheduled = condition(pod, 'PodScheduled');
  if (stringAt(scheduled, 'status') === 'False')
    return `it cannot be scheduled: ${stringAt(scheduled, 'message') ?? stringAt(scheduled, 'reason') ?? 'no node takes it'}`;
  const statuses = ['initContainerStatuses', 'containerStatuses'].flatMap((field) =>
    itemsAt(pod.body, 'status', field).map(({ item }) => item),
  );
  for (const status of statuses) {
    if (
      status['ready'] === true ||
      (has(status, 'state', 'terminated', 'exitCode') && at(status, ['state', 'terminated', 'exitCode']) === 0)
    )
      continue;
    const name = stringAt(status, 'name') ?? '';
    const waiting = stringAt(status, 'state', 'waiting', 'reason');
    if (waiting !== undefined && waiting !== 'ContainerCreating' && waiting !== 'PodInitializing') {
      const message = stringAt(status, 'state', 'waiting', 'message');
      const last = at(status, ['lastState', 'terminated', 'exitCode']);
      const exit = typeof last === 'number' ? `, last exit code ${last}` : '';
      return `container "${name}": ${waiting}${message ? `: ${message}` : ''}${exit}`;
    }
    if (has(status, 'state', 'running')) return `container "${name}" runs, but is not ready`;
  }
  return undefined;
}

/** Adds the trouble of the first pod of a workload. */
export async function reasonWithPods(cluster: Cluster, live: Resource, { reason }: Readiness, signal?: AbortSignal): Promise<string> {
  if (!live.kind.startsWith('apps/') && live.kind !== 'batch/Job') return reason;
  const labels = stringMapAt(live.body, 'spec', 'selector', 'matchLabels');
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  if (labelSelector === '') return reason;
  for await (const page of cluster.list('core/Pod', { namespace: live.namespace, labelSelector, signal })) {
    const told = page.flatMap((pod) => (isOld(pod) ? [] : (podTrouble(pod) ?? [])))[0];
    if (told !== undefined) return `${reason}; ${told}`;
  }
  return stringAt(condition(live, 'ReplicaFailure'), 'message')
    ? `${reason}; ${stringAt(condition(live, 'ReplicaFailure'), 'message')}`
    : reason;
}

const isOld = ({ body }: Resource): boolean => has(body, 'metadata', 'deletionTimestamp');
