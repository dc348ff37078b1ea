/** Linkerd's proxies, as the pods show them. */
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Facts } from '../../model/check.ts';
import type { Body, Resource } from '../../model/resource.ts';
import { isEnded } from '../checks/pods.ts';
import { COMPONENT, POD } from './kinds.ts';
import { tagOf } from './versions.ts';

export const PROXY = 'linkerd-proxy';
const ADMIN_PORT = 4191;

export interface ProxyPod {
  readonly pod: Resource;
  readonly container: Body;
  /** Tag of the image. */
  readonly version: string | undefined;
}

/** Native sidecars are init containers. */
export function proxyOf(pod: Resource): ProxyPod | undefined {
  const containers = [...itemsAt(pod.body, 'spec', 'containers'), ...itemsAt(pod.body, 'spec', 'initContainers')];
  const container = containers.find(({ item }) => item['name'] === PROXY)?.item;
  return container && { pod, container, version: tagOf(stringAt(container, 'image') ?? '') };
}

export const proxiesAmong = (pods: readonly Resource[]): readonly ProxyPod[] =>
  pods.flatMap((pod) => (isEnded(pod) ? [] : (proxyOf(pod) ?? [])));

/** Proxies of what the run is about, but those of control planes. */
export async function dataPlaneProxies(facts: Facts): Promise<readonly ProxyPod[]> {
  return proxiesAmong((await facts.scoped(POD)).filter(({ labels }) => labels[COMPONENT] === undefined));
}

/** A variable of the proxy's environment; undefined also when it is taken from elsewhere. */
export function environmentOf({ container }: ProxyPod, name: string): string | undefined {
  return stringAt(itemsAt(container, 'env').find(({ item }) => item['name'] === name)?.item, 'value');
}

/** The port of its admin server, which `config.linkerd.io/admin-port` may have moved. */
export function adminPortOf({ container }: ProxyPod): number {
  const port = itemsAt(container, 'ports').find(({ item }) => item['name'] === 'linkerd-admin')?.item['containerPort'];
  return typeof port === 'number' ? port : ADMIN_PORT;
}
