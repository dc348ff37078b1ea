/** The scheduler and the kubelet: pods get a node and an address, start after a while, and stop. */
import { itemsAt, objectAt, stringAt } from '../../model/body.ts';
import { sha256 } from '../../text/hash.ts';
import type { Backend } from '../api/backend.ts';
import { type Fields, type KubeObject, timestamp } from '../store/object.ts';
import { recordEvent } from './events.ts';
import { POD } from './workload-parts.ts';

/** How a pod fares instead of becoming ready: `CrashLoopBackOff`, `ImagePullBackOff`, `Pending`, `NotReady`. */
const FATE = 'sandbox.meshctl.dev/fate';

const START_MS = 1500;
const STOP_MS = 300;

const podStartMs = (backend: Backend): number => backend.options.podStartMs ?? START_MS;

/** Deletes a pod as a controller does: its kubelet stops it first. */
export function removePod(backend: Backend, pod: KubeObject): void {
  const { name, namespace = '', deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) return;
  if (!stringAt(pod, 'spec', 'nodeName')) {
    backend.store.remove(POD, namespace, name);
    return;
  }
  const metadata = { ...pod.metadata, deletionTimestamp: timestamp(backend.now() + 30_000), deletionGracePeriodSeconds: 30 };
  backend.store.replace(POD, { ...pod, metadata });
}

/** An address that stays the same for the same pod. */
function addressOf(uid: string): string {
  const digest = Buffer.from(sha256(uid), 'hex');
  return `10.244.${digest[0] ?? 0}.${((digest[1] ?? 0) % 253) + 2}`;
}

const stateOf = (pod: KubeObject): string => stringAt(pod, 'status', 'phase') ?? 'Pending';

/** The next step of a pod's life, and how long it takes to get there; undefined when it rests. */
export function nextStep(
  backend: Backend,
  pod: KubeObject,
): { readonly afterMs: number; readonly run: (pod: KubeObject) => void } | undefined {
  const start = podStartMs(backend);
  if (pod.metadata.deletionTimestamp !== undefined) {
    const grace = Math.min(STOP_MS, start, (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000);
    return (pod.metadata.finalizers ?? []).length > 0
      ? undefined
      : { afterMs: grace, run: ({ metadata }) => void backend.store.remove(POD, metadata.namespace ?? '', metadata.name) };
  }
  const fate = pod.metadata.annotations?.[FATE];
  const phase = stateOf(pod);
  if (!stringAt(pod, 'spec', 'nodeName'))
    return fate === 'Pending' || phase !== 'Pending' ? undefined : { afterMs: start / 10, run: (latest) => schedule(backend, latest) };
  if (phase === 'Pending' && fate !== 'ImagePullBackOff') return { afterMs: start, run: (latest) => run(backend, latest, fate) };
  if (phase === 'Pending' && itemsAt(pod, 'status', 'containerStatuses').length === 0) {
    return {
      afterMs: start / 10,
      run: (latest) =>
        write(backend, latest, 'Pending', false, { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } }),
    };
  }
  const isTask = pod.metadata.ownerReferences?.some(({ kind }) => kind === 'Job') === true;
  if (phase === 'Running' && isTask && fate === undefined) {
    return {
      afterMs: start,
      run: (latest) =>
        write(backend, latest, 'Succeeded', false, {
          terminated: { exitCode: 0, reason: 'Completed', finishedAt: timestamp(backend.now()) },
        }),
    };
  }
  return undefined;
}

function schedule(backend: Backend, pod: KubeObject): void {
  const nodes = backend.store.list('core/Node');
  const index = Number.parseInt(sha256(pod.metadata.uid ?? '').slice(0, 6), 16) % Math.max(1, nodes.length);
  const node = nodes[index]?.metadata.name;
  if (node === undefined) return;
  const time = timestamp(backend.now());
  const placed: KubeObject = {
    ...pod,
    spec: { ...objectAt(pod, 'spec'), nodeName: node },
    status: {
      ...objectAt(pod, 'status'),
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: time }],
    },
  };
  backend.store.replace(POD, placed);
  recordEvent(backend, placed, 'Scheduled', `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${node}`);
}

function run(backend: Backend, pod: KubeObject, fate: string | undefined): void {
  const time = timestamp(backend.now());
  if (fate === 'CrashLoopBackOff') {
    write(backend, pod, 'Running', false, { waiting: { reason: fate, message: 'back-off 40s restarting failed container' } }, 4);
    recordEvent(backend, pod, 'BackOff', 'Back-off restarting failed container', 'Warning');
    return;
  }
  write(backend, pod, 'Running', fate !== 'NotReady', { running: { startedAt: time } });
  for (const { item } of itemsAt(pod, 'spec', 'containers')) {
    recordEvent(backend, pod, 'Pulled', `Container image "${stringAt(item, 'image')}" already present on machine`);
    recordEvent(backend, pod, 'Started', `Started container ${stringAt(item, 'name')}`);
  }
  if (fate === 'NotReady')
    recordEvent(backend, pod, 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503', 'Warning');
}

function write(backend: Backend, pod: KubeObject, phase: string, ready: boolean, state: Fields, restarts = 0): void {
  const time = timestamp(backend.now());
  const ip = addressOf(pod.metadata.uid ?? '');
  const status = (value: boolean): string => (value ? 'True' : 'False');
  const condition = (type: string, value: boolean, reason?: string): Fields => ({
    type,
    status: status(value),
    lastProbeTime: null,
    lastTransitionTime: time,
    ...(reason === undefined ? {} : { reason }),
  });
  const done = phase === 'Succeeded';
  const unready = done ? 'PodCompleted' : 'ContainersNotReady';
  const node = backend.store.get('core/Node', '', stringAt(pod, 'spec', 'nodeName') ?? '');
  const hostIP = stringAt(itemsAt(node, 'status', 'addresses')[0]?.item, 'address') ?? '192.0.2.10';
  const container = (item: Fields, own: Fields, isOwnReady: boolean): Fields => ({
    name: item['name'],
    image: item['image'],
    imageID: `sha256:${sha256(String(item['image']))}`,
    containerID: `containerd://${sha256(`${pod.metadata.uid} ${String(item['name'])}`)}`,
    ready: isOwnReady,
    started: isOwnReady,
    restartCount: restarts,
    state: own,
    lastState: restarts > 0 ? { terminated: { exitCode: 1, reason: 'Error', startedAt: time, finishedAt: time } } : {},
  });
  const init = itemsAt(pod, 'spec', 'initContainers').map(({ item }) =>
    item['restartPolicy'] === 'Always'
      ? container(item, { running: { startedAt: time } }, !done)
      : container(item, { terminated: { exitCode: 0, reason: 'Completed', startedAt: time, finishedAt: time } }, true),
  );
  const finished: Fields = {
    ...objectAt(pod, 'status'),
    phase,
    conditions: [
      condition('PodReadyToStartContainers', true),
      condition('Initialized', true),
      condition('Ready', ready, ready ? undefined : unready),
      condition('ContainersReady', ready, ready ? undefined : unready),
      condition('PodScheduled', true),
    ],
    hostIP,
    hostIPs: [{ ip: hostIP }],
    podIP: ip,
    podIPs: [{ ip }],
    startTime: stringAt(pod, 'status', 'startTime') ?? time,
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    containerStatuses: itemsAt(pod, 'spec', 'containers').map(({ item }) => container(item, state, ready)),
  };
  backend.store.replace(POD, { ...pod, status: finished });
}
