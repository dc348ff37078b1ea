/** Ports: who leads to them, and whether the proxy looks into what arrives there. */
import { itemsAt, numberAt, objectAt, stringAt } from '../../../model/body.ts';
import type { Fact, Section } from '../../../model/describe.ts';
import { friendlyName, type Resource } from '../../../model/resource.ts';
import { targetPort } from '../../../model/target-port.ts';
import type { Workload } from '../../../model/workloads.ts';
import { named } from '../../describe/common.ts';
import { SKIP_INBOUND } from '../kinds.ts';
import { opaquePortsOfPod, opaquePortsOfService, portsListed } from '../opaque-ports.ts';
import { protocolOf, type ServedPort, servedPorts, serversOf } from '../policy/servers.ts';
import { meshSettings } from '../policy/settings.ts';
import type { Scene } from './scene.ts';

export function portsSection(scene: Scene): Section {
  const { workload, resources } = scene;
  return {
    id: 'ports',
    title: 'Ports',
    facts: workload ? servedPorts(workload, resources).map((port) => portFact(port, workload, scene)) : [],
  };
}

/** As the pod would be, for a template. */
const podOf = ({ resource, labels, annotations, podSpec, isPod }: Workload): Resource =>
  isPod ? resource : { ...resource, labels, annotations, body: { spec: podSpec } };

function portFact({ port, name, server }: ServedPort, workload: Workload, { services, resources }: Scene): Fact {
  const defaults = meshSettings(workload, resources).opaquePorts;
  const isOpaque = opaquePortsOfPod(podOf(workload), serversOf(workload, resources), defaults)(port);
  const isSkipped = portsListed(workload.annotations[SKIP_INBOUND] ?? '')(port);
  const declared = server ? protocolOf(server) : 'unknown';
  const protocol = isSkipped
    ? `bypasses the proxy (${SKIP_INBOUND})`
    : isOpaque
      ? 'opaque: passed on as TCP, without looking into it'
      : declared === 'unknown'
        ? 'detected: HTTP/1, HTTP/2 or TCP'
        : declared;
  const leading = services.flatMap((service) =>
    itemsAt(service.body, 'spec', 'ports').flatMap(({ item }) =>
      targetPort(item, objectAt(podOf(workload).body, 'spec')) === port ? [{ service, item }] : [],
    ),
  );
  return {
    subject: `port ${port}${name === undefined ? '' : ` (${name})`}`,
    value: protocol,
    from: [...(server ? [named(server)] : []), ...leading.map(({ service }) => named(service))],
    details: leading.map(({ service, item }) => {
      const number = numberAt(item, 'port') ?? 0;
      const servicePort = stringAt(item, 'name');
      const byClients = opaquePortsOfService(service, defaults)(number) ? ', which clients take as opaque' : '';
      return `${friendlyName(service)} port ${number}${servicePort === undefined ? '' : ` (${servicePort})`}${byClients}`;
    }),
  };
}
