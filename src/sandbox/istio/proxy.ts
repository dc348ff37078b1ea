/** Which pods have a proxy of Istio, and who it is. */
import { itemsAt, objectAt, stringAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import type { KubeObject } from '../store/object.ts';

export interface MeshProxy {
  readonly pod: KubeObject;
  readonly name: string;
  readonly namespace: string;
  readonly ip: string;
  readonly type: 'sidecar' | 'router' | 'waypoint';
  /** `1.30.0`. */
  readonly version: string;
  readonly serviceAccount: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly revision: string;
}

const CONTAINER = 'istio-proxy';

/** @returns undefined for a pod without a proxy */
export function proxyOf(pod: KubeObject): MeshProxy | undefined {
  const containers = [...itemsAt(pod, 'spec', 'containers'), ...itemsAt(pod, 'spec', 'initContainers')];
  const container = containers.find(({ item }) => item['name'] === CONTAINER)?.item;
  if (!container) return undefined;
  const { name, namespace = '', labels = {} } = pod.metadata;
  const args = Array.isArray(container['args']) ? container['args'].map(String) : [];
  // The agent of a node is no Envoy.
  if (args.includes('ztunnel')) return undefined;
  return {
    ...{ pod, name, namespace, labels },
    ip: stringAt(pod, 'status', 'podIP') ?? '',
    type: args.includes('router') ? 'router' : args.includes('waypoint') ? 'waypoint' : 'sidecar',
    version:
      (stringAt(container, 'image') ?? '')
        .split(':')
        .at(-1)
        ?.replace(/-distroless$/, '') ?? '',
    serviceAccount: stringAt(pod, 'spec', 'serviceAccountName') ?? 'default',
    revision: labels['istio.io/rev'] ?? 'default',
  };
}

export const isRunning = (pod: KubeObject): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  stringAt(pod, 'status', 'phase') === 'Running' &&
  stringAt(pod, 'status', 'podIP') !== undefined;

/** Of a pod of the control plane. */
export const imageTag = (pod: KubeObject): string => (stringAt(pod, 'spec', 'containers', 0, 'image') ?? '').split(':').at(-1) ?? '';

export const isReadyPod = (pod: KubeObject): boolean =>
  isRunning(pod) && itemsAt(pod, 'status', 'conditions').some(({ item }) => item['type'] === 'Ready' && item['status'] === 'True');

/** `sidecar~10.244.0.7~reviews-v1-abc.bookinfo~bookinfo.svc.cluster.local`. */
export const nodeId = ({ type, ip, name, namespace }: MeshProxy): string =>
  `${type}~${ip}~${name}.${namespace}~${namespace}.svc.cluster.local`;

export const spiffeId = ({ namespace, serviceAccount }: MeshProxy): string => `spiffe://cluster.local/ns/${namespace}/sa/${serviceAccount}`;

const ROOT = 'istio-system';

/** Whether an object that may select workloads means this one: those of the root namespace mean all of the mesh. */
export function concerns(object: KubeObject, { namespace, labels }: MeshProxy): boolean {
  const { namespace: home } = object.metadata;
  const selector =
    object.kind === 'EnvoyFilter'
      ? objectAt(object, 'spec', 'workloadSelector', 'labels')
      : objectAt(object, 'spec', 'selector', 'matchLabels');
  return (home === namespace || home === ROOT) && labelsMatch(selector as Record<string, string>, labels);
}

/** `reviews-v1` of the pod `reviews-v1-7c9d6b8f4-x2x9z`. */
export const workloadOf = (pod: KubeObject): string => pod.metadata.name.replace(/-[a-z0-9]+-[a-z0-9]{5}$/, '');
