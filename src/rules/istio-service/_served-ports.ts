/** Which Services send which of their ports to which workloads with a sidecar. */

import { hasProxy, injection, isProxyOnly } from '../../mesh/istio/injection.ts';
import { CONFIG_MAP, MUTATING_WEBHOOK, NAMESPACE, SERVICE } from '../../mesh/istio/kinds.ts';
import { type Handling, handlingOf, protocolNamed, servicePortProtocol } from '../../mesh/istio/protocol.ts';
import { itemsAt, numberAt, stringAt, stringMapAt } from '../../model/body.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import type { Derivation } from '../../model/resource-set.ts';
import { targetPort } from '../../model/target-port.ts';
import { WORKLOAD_KINDS, type Workload, workloads } from '../../model/workloads.ts';
import { hasOwnerIn } from './_owners.ts';

interface ServedPort {
  readonly service: Resource;
  /** The port of the Service. */
  readonly number: number;
  /** The port of the pod: its number, or its name where no container declares a port of that name. */
  readonly target: string;
  /** Undefined when the sidecar has to detect the protocol. */
  readonly handling: Handling | undefined;
}

export interface ServedWorkload {
  readonly workload: Workload;
  readonly ports: readonly ServedPort[];
  /** False when the input lacks the Namespace that says whether the workload gets a sidecar. */
  readonly certain: boolean;
}

/** Kinds that `servedWorkloads` reads. */
export const SERVED_INPUTS: readonly Kind[] = [SERVICE, ...WORKLOAD_KINDS, NAMESPACE, MUTATING_WEBHOOK, CONFIG_MAP];

/** Workloads that have, or get, a sidecar and are behind some Service. */
export const servedWorkloads: Derivation<readonly ServedWorkload[]> = {
  name: 'ports of sidecar workloads that Services send to',
  build(resources) {
    const all = resources.derive(workloads);
    const { dataplane } = resources.derive(injection);
    const ports = new Map<Workload, ServedPort[]>();
    for (const service of resources.all(SERVICE)) {
      const selector = stringMapAt(service.body, 'spec', 'selector');
      if (Object.keys(selector).length === 0 || stringAt(service.body, 'spec', 'type') === 'ExternalName') continue;
      for (const workload of all.selectedBy(selector, service.namespace)) {
        if (workload.resource.cluster !== service.cluster) continue;
        getOrInsert(ports, workload, () => []).push(...servedPorts(service, workload));
      }
    }
    return [...ports].flatMap(([workload, served]) => {
      const plane = dataplane(workload);
      if ((plane !== 'sidecar' && plane !== 'unknown') || isGateway(workload) || hasOwnerIn(resources, workload)) return [];
      return [{ workload, ports: served, certain: plane === 'sidecar' }];
    });
  },
};

/** Sidecars leave UDP and SCTP alone; other transports than these three do not exist, but are written for an application protocol. */
function servedPorts(service: Resource, workload: Workload): readonly ServedPort[] {
  return itemsAt(service.body, 'spec', 'ports').flatMap(({ item }) => {
    const number = numberAt(item, 'port');
    const transport = stringAt(item, 'protocol') ?? 'TCP';
    if (number === undefined || transport === 'UDP' || transport === 'SCTP') return [];
    const protocol = transport === 'TCP' ? servicePortProtocol(item) : protocolNamed(transport);
    const target = String(targetPort(item, workload.podSpec) ?? stringAt(item, 'targetPort'));
    return [{ service, number, target, handling: protocol && handlingOf(protocol) }];
  });
}

/** The listeners of a gateway come from Gateways, not from the Services before it. */
function isGateway(workload: Workload): boolean {
  return 'gateway.istio.io/managed' in workload.resource.labels || (hasProxy(workload) && isProxyOnly(workload));
}
