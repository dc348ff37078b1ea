/**
 * What an offline input usually leaves out although every default installation has it: the ingress
 * gateway that `selector: {istio: ingressgateway}` means. Assumed objects answer references; they
 * are never evidence that the input holds their kind, and never the subject of a finding.
 */
import type { Body, Resource } from '../../model/resource.ts';
import { kindOf } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import { SERVICE } from './kinds.ts';
import { meshConfig } from './mesh-config.ts';

const SELECTOR = { istio: 'ingressgateway' };

/**
 * Ports of the default ingress gateway's Service. A profile's gateway has no right to ports below 1024 and listens
 * elsewhere (`charts/gateways/istio-ingress`); that of the `gateway` chart listens on the Service's own ports.
 */
const PORTS: readonly (readonly [name: string, port: number, targetPort: number])[] = [
  ['http2', 80, 8080],
  ['https', 443, 8443],
  ['tcp', 31400, 31400],
  ['tls', 15443, 15443],
];

function assume(body: Body, name: string, namespace: string, labels: Readonly<Record<string, string>>): Resource {
  const apiVersion = 'v1';
  return {
    apiVersion,
    kind: kindOf(apiVersion, String(body['kind'])),
    namespace,
    namespaceGiven: true,
    name,
    labels,
    annotations: {},
    body: { ...body, apiVersion, metadata: { name, namespace, labels } },
    assumed: true,
  };
}

/** The objects to lay under an offline input; none when it brings its own ingress gateway or switches it off. */
export function assumedIstioObjects(given: ResourceSet): readonly Resource[] {
  const mesh = given.derive(meshConfig);
  if (mesh.ingressControllerMode === 'OFF') return [];
  const service = mesh.ingressService;
  if (given.get(SERVICE, mesh.rootNamespace, service)) return [];
  const container = { name: 'istio-proxy', image: 'auto' };
  return [
    assume({ kind: 'Pod', spec: { containers: [container] } }, `${service}-assumed`, mesh.rootNamespace, SELECTOR),
    assume(
      {
        kind: 'Service',
        spec: { selector: SELECTOR, ports: PORTS.map(([name, port, targetPort]) => ({ name, port, targetPort, protocol: 'TCP' })) },
      },
      service,
      mesh.rootNamespace,
      SELECTOR,
    ),
  ];
}
