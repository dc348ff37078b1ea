/** The workloads that Istio's policies apply to. */
import type { Facts } from '../../../../model/check.ts';
import { isEnded } from '../../../checks/pods.ts';
import { type ProxiedWorkload, proxiedWorkloads, workloadOf } from '../../../checks/posture/proxied-workloads.ts';
import { POD } from '../../kinds.ts';

export const PROXY = 'istio-proxy';

export interface PolicedWorkload {
  readonly resource: ProxiedWorkload['resource'];
  readonly labels: Readonly<Record<string, string>>;
  /** Nothing but a proxy, where requests come in from outside. */
  readonly isGateway: boolean;
}

/** Sidecars and gateways. The container of ztunnel has the name of a sidecar but is none, and needs its privileges. */
export async function proxies(facts: Facts): Promise<readonly ProxiedWorkload[]> {
  return (await proxiedWorkloads(facts, PROXY)).filter(({ pod }) => pod.labels['app'] !== 'ztunnel');
}

/** Workloads with a sidecar or in ambient mode, and gateways. */
export async function policedWorkloads(facts: Facts): Promise<readonly PolicedWorkload[]> {
  const proxied = await proxies(facts);
  const captured = new Map<string, PolicedWorkload>();
  for (const pod of await facts.scoped(POD)) {
    if (isEnded(pod) || pod.annotations['ambient.istio.io/redirection'] !== 'enabled') continue;
    const resource = workloadOf(pod);
    captured.set(`${resource.kind} ${resource.namespace}/${resource.name}`, { resource, labels: pod.labels, isGateway: false });
  }
  return [
    ...proxied.map(({ resource, pod, apps }) => ({ resource, labels: pod.labels, isGateway: apps.length === 0 })),
    ...captured.values(),
  ];
}
