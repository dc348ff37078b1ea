/** The ports of a workload, with the Services that lead to them and the protocol that proxies take them for. */
import { itemsAt, numberAt, stringAt, stringMapAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import type { Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import { targetPort } from '../../model/target-port.ts';
import type { Workload } from '../../model/workloads.ts';
import { SERVICE } from './kinds.ts';
import { handlingOf, type Protocol, servicePortProtocol } from './protocol.ts';

interface ServicePort {
  readonly service: Resource;
  readonly port: number;
  readonly name: string | undefined;
  /** Undefined when proxies have to detect it. */
  readonly protocol: Protocol | undefined;
}

export interface WorkloadPort {
  /** On which the application listens. */
  readonly port: number;
  /** Names of the containers that declare it. */
  readonly containers: readonly string[];
  readonly services: readonly ServicePort[];
}

/** Services of its namespace that select it. */
export function servicesOf(workload: Workload, resources: ResourceSet): readonly Resource[] {
  return resources.inNamespace(SERVICE, workload.namespace).filter((service) => {
    const selector = stringMapAt(service.body, 'spec', 'selector');
    return Object.keys(selector).length > 0 && labelsMatch(selector, workload.labels);
  });
}

/** By number; those of the proxy itself are left out. */
export function workloadPorts(workload: Workload, services: readonly Resource[]): readonly WorkloadPort[] {
  const found = new Map<number, { readonly containers: Set<string>; readonly services: ServicePort[] }>();
  const at = (port: number): { readonly containers: Set<string>; readonly services: ServicePort[] } => {
    const known = found.get(port) ?? { containers: new Set<string>(), services: [] };
    found.set(port, known);
    return known;
  };
  for (const field of ['containers', 'initContainers']) {
    for (const { item } of itemsAt(workload.podSpec, field)) {
      const name = stringAt(item, 'name') ?? '';
      if (name === 'istio-proxy') continue;
      for (const { item: each } of itemsAt(item, 'ports')) {
        const number = numberAt(each, 'containerPort');
        if (number !== undefined) at(number).containers.add(name);
      }
    }
  }
  for (const service of services) {
    for (const { item } of itemsAt(service.body, 'spec', 'ports')) {
      const target = targetPort(item, workload.podSpec);
      const port = numberAt(item, 'port');
      if (target === undefined || port === undefined) continue;
      at(target).services.push({ service, port, name: stringAt(item, 'name'), protocol: servicePortProtocol(item) });
    }
  }
  return [...found]
    .sort(([left], [right]) => left - right)
    .map(([port, { containers, services: own }]) => ({ port, containers: [...containers], services: own }));
}

/** `detected`: by what clients send first. */
export type PortHandling = 'HTTP' | 'TCP' | 'UDP' | 'detected';

/** What proxies make of the port: of several Services the first that declares a protocol decides. */
export function handlingOfPort({ services }: WorkloadPort): PortHandling {
  const protocol = services.find((each) => each.protocol !== undefined)?.protocol;
  if (protocol === undefined) return 'detected';
  const handling = handlingOf(protocol);
  return handling === undefined ? 'UDP' : handling === 'TCP' ? 'TCP' : 'HTTP';
}

/** True when traffic to the port goes past the sidecar. */
export function bypassesSidecar({ annotations }: Workload, port: number): boolean {
  const listed = (name: string): readonly string[] | undefined =>
    annotations[`traffic.sidecar.istio.io/${name}`]?.split(',').map((each) => each.trim());
  const included = listed('includeInboundPorts') ?? ['*'];
  const excluded = listed('excludeInboundPorts') ?? [];
  return excluded.includes(String(port)) || !(included.includes('*') || included.includes(String(port)));
}
