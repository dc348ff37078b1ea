/** Which proxies an istiod of this cluster must know. */
import { stringAt } from '../../../model/body.ts';
import type { Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { containerStatus } from '../../checks/pods.ts';
import { REVISION_LABEL } from '../webhooks.ts';
import type { ControlPlane } from './control-plane.ts';
import { PROXY, planeOf } from './proxies.ts';
import { proxyKey, type SyncStatus, syncStatus } from './sync-status.ts';

/** A pod may be ready before its proxy is connected, and proxies connect anew when an istiod goes away. */
const SETTLED_MS = 60_000;

/** Namespaces in which whoever is missing is looked for again. */
const MOST_ASKED_AGAIN = 3;

/** When the proxy's container started, in milliseconds since the epoch; NaN when it does not run. */
export const startedAt = (pod: Resource): number =>
  Date.parse(stringAt(containerStatus(pod, PROXY), 'state', 'running', 'startedAt') ?? '');

export const isSettled = (pod: Resource, now: number): boolean => now - startedAt(pod) > SETTLED_MS;

export function asksIstiodHere(pod: Resource, planes: readonly Pick<ControlPlane, 'revision'>[]): boolean {
  const revision = pod.annotations[REVISION_LABEL] ?? pod.labels[REVISION_LABEL];
  const isOurs = revision === undefined ? planeOf(pod, planes) !== undefined : planes.some((plane) => plane.revision === revision);
  return isOurs && !goesElsewhere(pod);
}

/** Proxies that are told to use another control plane, and applications that are their own proxy. */
function goesElsewhere({ annotations }: Resource): boolean {
  return (
    (annotations['proxy.istio.io/config'] ?? '').includes('discoveryAddress') ||
    (annotations['inject.istio.io/templates'] ?? '').includes('grpc')
  );
}

export const isListed = ({ proxies }: SyncStatus, { namespace, name }: Resource): boolean => proxies.has(proxyKey(namespace, name));

/** With many proxies there is always one on its way from an istiod to another, so that few are looked for a second time. */
export async function stillMissing(facts: Facts, pods: readonly Resource[]): Promise<readonly Resource[]> {
  const namespaces = [...new Set(pods.map(({ namespace }) => namespace))];
  if (namespaces.length === 0 || namespaces.length > MOST_ASKED_AGAIN) return pods;
  const again = await Promise.all(namespaces.map((namespace) => syncStatus(facts, namespace)));
  return pods.filter((pod) => !again.some((status) => isListed(status, pod)));
}
