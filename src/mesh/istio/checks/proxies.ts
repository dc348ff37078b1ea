/** The pods that run a proxy beside the application, or as a gateway or waypoint. */
import { itemsAt, stringAt } from '../../../model/body.ts';
import type { Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { isEnded } from '../../checks/pods.ts';
import { POD } from '../kinds.ts';
import { DEFAULT_REVISION, REVISION_LABEL } from '../webhooks.ts';
import type { ControlPlane } from './control-plane.ts';

/** Name of the proxy's container. */
export const PROXY = 'istio-proxy';

export interface ProxyPod {
  readonly pod: Resource;
  readonly image: string;
}

/** ztunnel names its container like the sidecar, but serves a whole node. */
export const isZtunnel = ({ labels }: Resource): boolean => labels['app'] === 'ztunnel';

/** Those of the namespace that the run is about. */
export async function proxyPods(facts: Facts): Promise<readonly ProxyPod[]> {
  const pods = await facts.scoped(POD);
  return pods.flatMap((pod) => {
    if (isEnded(pod) || isZtunnel(pod)) return [];
    const image = proxyImage(pod);
    return image === undefined ? [] : [{ pod, image }];
  });
}

/** Image of the proxy's container, native or not; undefined when the pod has none. */
export function proxyImage({ body }: Resource): string | undefined {
  const containers = [...itemsAt(body, 'spec', 'containers'), ...itemsAt(body, 'spec', 'initContainers')];
  const proxy = containers.find(({ item }) => item['name'] === PROXY);
  return proxy && (stringAt(proxy.item, 'image') ?? '');
}

/** The injector notes its revision on the pod. A single control plane is everybody's. */
export function planeOf<T extends Pick<ControlPlane, 'revision'>>(pod: Resource, planes: readonly T[]): T | undefined {
  if (planes.length === 1) return planes[0];
  const revision = pod.annotations[REVISION_LABEL] ?? pod.labels[REVISION_LABEL] ?? DEFAULT_REVISION;
  return planes.find((plane) => plane.revision === revision);
}
