/** Ports, the Services that lead to them, and what proxies take their protocol to be. */

import { itemsAt, stringAt } from '../../../model/body.ts';
import type { Fact, Section } from '../../../model/describe.ts';
import { friendlyName } from '../../../model/resource.ts';
import { containerPorts } from '../../../model/target-port.ts';
import { servicePortProtocol } from '../protocol.ts';
import { bypassesSidecar, handlingOfPort, type WorkloadPort, workloadPorts } from '../workload-ports.ts';
import { named, portText, type Scene } from './scene.ts';

export function portsSection(scene: Scene): Section {
  const { workload, services } = scene;
  const facts = workload ? workloadPorts(workload, services).map((port) => portFact(port, scene)) : services.flatMap(servicePorts);
  const further = scene.entries.filter(({ resource }) => !services.includes(resource));
  const byEntries = further.map(({ host, resource, ports }) => ({
    subject: host,
    value: `ports ${ports.map(({ number }) => number).join(', ')} of ${friendlyName(resource)}, which selects these pods`,
    from: [named(resource)],
  }));
  return { id: 'ports', title: 'Ports', facts: [...facts, ...byEntries] };
}

function servicePorts(service: Scene['services'][number]): readonly Fact[] {
  return itemsAt(service.body, 'spec', 'ports').map(({ item }) => ({
    subject: `port ${portText(item)}`,
    value: servicePortProtocol(item) ?? 'detected',
    from: [named(service)],
  }));
}

function portFact(port: WorkloadPort, { workload, isGateway }: Scene): Fact {
  const { services, containers } = port;
  const declared = services.map(({ protocol }) => protocol).find((protocol) => protocol !== undefined);
  const handling = handlingOfPort(port);
  const undeclared = isGateway ? 'as Gateways have it' : 'not declared, so that proxies detect HTTP or TCP';
  const protocol = declared ?? (services.length === 0 ? 'no Service leads to it' : undeclared);
  return {
    subject: `port ${port.port}`,
    value: declared !== undefined && declared !== handling && !isGateway ? `${protocol}, handled as ${handling}` : protocol,
    from: services.map(({ service }) => named(service)),
    details: [
      ...services.map(({ service, port: own, name }) => `${friendlyName(service)} port ${own}${name === undefined ? '' : ` (${name})`}`),
      ...(containers.length === 0 && workload?.isPod && !isGateway && declaresPorts(workload) ? ['no container declares it'] : []),
      ...(workload && bypassesSidecar(workload, port.port)
        ? ['left out of the sidecar by an annotation of the pod: no policy is applied to it']
        : []),
    ],
  };
}

const declaresPorts = ({ podSpec }: NonNullable<Scene['workload']>): boolean => containerPorts(podSpec).length > 0;

/** `ClusterIP`, `LoadBalancer 10.1.2.3`. */
export function serviceTypeText(service: Scene['services'][number]): string {
  const type = stringAt(service.body, 'spec', 'type') ?? 'ClusterIP';
  const addresses = itemsAt(service.body, 'status', 'loadBalancer', 'ingress').flatMap(
    ({ item }) => stringAt(item, 'ip') ?? stringAt(item, 'hostname') ?? [],
  );
  return addresses.length === 0 ? type : `${type} ${addresses.join(', ')}`;
}
