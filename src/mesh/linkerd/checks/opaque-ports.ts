/** Whether clients and servers agree on which ports are opaque. */
import { itemsAt, numberAt, objectAt, stringAt, stringMapAt } from '../../../model/body.ts';
import type { Check, Facts } from '../../../model/check.ts';
import { groupBy } from '../../../model/maps.ts';
import type { Resource } from '../../../model/resource.ts';
import { resourceSet } from '../../../model/resource-set.ts';
import { containerPorts, targetPort } from '../../../model/target-port.ts';
import { workloads } from '../../../model/workloads.ts';
import { DEFAULT_OPAQUE_PORTS } from '../config.ts';
import { configuredPlanes } from '../control-planes.ts';
import { ifPermitted } from '../if-permitted.ts';
import { hints, OPAQUE_PORTS, POD, SERVER, SERVICE } from '../kinds.ts';
import { opaquePortsOfPod, opaquePortsOfService } from '../opaque-ports.ts';
import { dataPlaneProxies } from '../proxies.ts';
import { API } from './control-plane.ts';
import { type Trouble, verdict } from './verdict.ts';

export const opaquePortsAgree: Check = {
  id: 'linkerd/opaque-ports-agree',
  category: 'configuration',
  title: 'Services and the pods behind them name the same ports as opaque.',
  why: 'The side that does not know waits up to 10 seconds for a request of HTTP, which protocols whose server speaks first never send.',
  docs: hints('linkerd-opaque-ports-definition'),
  aliases: ['linkerd-opaque-ports-definition'],
  needs: [API],
  reads: [POD, SERVICE, SERVER],
  run: async (facts) => {
    const defaults = await defaultPorts(facts);
    const pods = resourceSet((await dataPlaneProxies(facts)).map(({ pod }) => pod)).derive(workloads);
    const servers = groupBy(await facts.scoped(SERVER), ({ namespace }) => namespace);
    const services = (await facts.scoped(SERVICE)).filter(isBalanced);
    const troubles = services.flatMap((service) => {
      const selector = stringMapAt(service.body, 'spec', 'selector');
      const behind = pods.selectedBy(selector, service.namespace).map(({ resource }) => resource);
      return disagreements(service, behind, servers.get(service.namespace) ?? [], defaults);
    });
    return verdict(troubles, 'They do.', 'Services and pods disagree about which ports are opaque.');
  },
};

/** Who reads one namespace only may not read the configuration of the control plane. */
async function defaultPorts(facts: Facts): Promise<string> {
  return (await ifPermitted(configuredPlanes(facts)))?.[0]?.config.opaquePorts ?? DEFAULT_OPAQUE_PORTS;
}

/** Clients of a headless service reach its pods by their own addresses, and know their annotations. */
function isBalanced({ body }: Resource): boolean {
  const spec = objectAt(body, 'spec');
  return spec['clusterIP'] !== 'None' && spec['type'] !== 'ExternalName' && Object.keys(stringMapAt(spec, 'selector')).length > 0;
}

/** One for each port, whatever the number of pods. */
function disagreements(service: Resource, pods: readonly Resource[], servers: readonly Resource[], defaults: string): readonly Trouble[] {
  const onService = opaquePortsOfService(service, defaults);
  const judged = pods.map((pod) => ({ pod, isOpaque: opaquePortsOfPod(pod, servers, defaults) }));
  return itemsAt(service.body, 'spec', 'ports').flatMap(({ item }): readonly Trouble[] => {
    const port = numberAt(item, 'port');
    // With appProtocol clients know the protocol, whatever the annotation says; UDP is not proxied.
    if (port === undefined || stringAt(item, 'appProtocol') !== undefined || (stringAt(item, 'protocol') ?? 'TCP') !== 'TCP') return [];
    for (const { pod, isOpaque } of judged) {
      const target = targetPort(item, objectAt(pod.body, 'spec'));
      if (target === undefined || !mayServe(pod, target) || isOpaque(target) === onService(port)) continue;
      return [troubleOf(service, port, pod, target, onService(port))];
    }
    return [];
  });
}

/** Declaring ports is voluntary, but who declares others serves nothing on this one. */
function mayServe({ body }: Resource, port: number): boolean {
  const declared = containerPorts(objectAt(body, 'spec')).filter(({ name }) => !name?.startsWith('linkerd-'));
  return declared.length === 0 || declared.some(({ containerPort }) => containerPort === port);
}

function troubleOf(service: Resource, port: number, pod: Resource, target: number, isOnService: boolean): Trouble {
  const onPod = `port ${target} of pod "${pod.name}"`;
  const { namespace, name } = service;
  return {
    is: 'warning',
    resource: service,
    detail: isOnService
      ? `Its port ${port} is opaque, but ${onPod} behind it is not.`
      : `Its port ${port} is not opaque, but ${onPod} behind it is.`,
    hint: isOnService
      ? `Add ${target} to annotation "${OPAQUE_PORTS}" in the pod template of what makes pod "${namespace}/${pod.name}".`
      : `Add ${port} to annotation "${OPAQUE_PORTS}" of Service "${namespace}/${name}", together with the ports that are opaque now.`,
  };
}
