/** Who a pod is in the mesh: which program of Linkerd, which workload, with what proxy. */
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Fields, KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import { CONTROL_NAMESPACE, identityName, PROXY_BUILDS, VERSION, VIZ_NAMESPACE } from './names.ts';

/** `identity`, `destination`, `proxy-injector`, or a program of viz; undefined for other pods. */
export function programOf({ metadata }: KubeObject): string | undefined {
  const { namespace, labels = {} } = metadata;
  if (namespace === CONTROL_NAMESPACE) return labels['linkerd.io/control-plane-component'];
  return namespace === VIZ_NAMESPACE ? labels['component'] : undefined;
}

/** The container of the proxy; undefined for a pod outside the mesh. */
export const proxyOf = (pod: KubeObject): Fields | undefined =>
  [...itemsAt(pod, 'spec', 'initContainers'), ...itemsAt(pod, 'spec', 'containers')].find(({ item }) => item['name'] === 'linkerd-proxy')
    ?.item;

export const isReadyContainer = (pod: KubeObject, name: string): boolean =>
  [...itemsAt(pod, 'status', 'initContainerStatuses'), ...itemsAt(pod, 'status', 'containerStatuses')].some(
    ({ item }) => item['name'] === name && item['ready'] === true,
  );

/** `2.366.0`. */
export const buildOf = (pod: KubeObject): string => {
  const version = (stringAt(proxyOf(pod), 'image') ?? '').split(':').at(-1) ?? '';
  return PROXY_BUILDS[version] ?? PROXY_BUILDS[VERSION] ?? version;
};

const accountOf = (pod: KubeObject): string => stringAt(pod, 'spec', 'serviceAccountName') ?? 'default';

export const identityOf = (pod: KubeObject): string => identityName(accountOf(pod), pod.metadata.namespace ?? 'default');

export const addressOf = (pod: KubeObject): string => stringAt(pod, 'status', 'podIP') ?? '';

export interface Workload {
  /** In lower case: `deployment`. */
  readonly kind: string;
  readonly name: string;
}

/** What the pod belongs to: the top of its chain of owners. */
export function workloadOf(pod: KubeObject, store: Store): Workload {
  const { namespace = '' } = pod.metadata;
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (!owner) return { kind: 'pod', name: pod.metadata.name };
  const set = owner.kind === 'ReplicaSet' ? store.get('apps/ReplicaSet', namespace, owner.name) : undefined;
  const top = set?.metadata.ownerReferences?.find(({ controller }) => controller === true) ?? owner;
  return { kind: top.kind.toLowerCase(), name: top.name };
}

/** What the control plane tells proxies of a pod, which they put on metrics and on tapped requests. */
export function describedBy(pod: KubeObject, store: Store): Readonly<Record<string, string>> {
  const { kind, name } = workloadOf(pod, store);
  const { labels = {}, namespace = '' } = pod.metadata;
  const [plane, hash] = [labels['linkerd.io/control-plane-ns'], labels['pod-template-hash']];
  return {
    ...(plane === undefined ? {} : { control_plane_ns: plane }),
    ...(kind === 'pod' ? {} : { [kind === 'job' ? 'k8s_job' : kind]: name }),
    ...{ namespace, pod: pod.metadata.name },
    ...(hash === undefined ? {} : { pod_template_hash: hash }),
    serviceaccount: accountOf(pod),
  };
}
