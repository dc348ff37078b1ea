import { CONFIG_MAP, MESH_CONFIG, SERVICE, SERVICE_ENTRY, VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import type { RegistryEntry } from '../../mesh/istio/registry.ts';
import { numberAt } from '../../model/body.ts';
import { quotedRef } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { quotedList } from '../../text/words.ts';
import { resolvedDestinations } from './_resolved-destinations.ts';

export const destinationPortExists: Rule = {
  meta: {
    id: 'istio-routing/destination-port-exists',
    aliases: ['IST0101'],
    analyzers: ['virtualservice.DestinationHostAnalyzer'],
    severity: 'error',
    summary: 'Every destination port of a VirtualService is a port of its service.',
    why: 'Requests that match the route fail with 503, because proxies have no cluster for that port; copies for a mirror are lost.',
    inputs: [VIRTUAL_SERVICE, SERVICE, SERVICE_ENTRY, MESH_CONFIG, CONFIG_MAP],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews, port: { number: 8080 } }
---
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  ports: [{ name: http, port: 80, targetPort: 8080 }]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews, port: { number: 80 } }
---
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  ports: [{ name: http, port: 80, targetPort: 8080 }]
`,
  },
  *check(resources) {
    for (const { route, destination, entries } of resources.derive(resolvedDestinations)) {
      const { port, path } = destination;
      const [first] = entries;
      if (port === undefined || !first || entries.some((entry) => entry.ports.some(({ number }) => number === port))) continue;
      const ports = [...new Set(entries.flatMap((entry) => entry.ports.map(({ number }) => number)))].sort((left, right) => left - right);
      yield {
        at: route,
        path: [...path, 'port', 'number'],
        message: `${quotedRef(first.resource)} has no port ${port}; it has ${ports.length === 0 ? 'none' : quotedList(ports.map(String))}.`,
        fix: advice(port, ports, first),
        related: [first.resource],
      };
    }
  },
};

function advice(port: number, ports: readonly number[], { resource, ports: own }: RegistryEntry): string {
  const forwarding = own.find(({ path }) => numberAt(resource.body, ...path, 'targetPort') === port);
  if (forwarding) return `Use port ${forwarding.number}, which leads to port ${port} of the pods; routes name the port of the service.`;
  if (ports.length === 1) return `Use port ${ports[0]}, or leave the port out, as the service has only one.`;
  return ports.length === 0 ? 'Add the port to the service.' : 'Use a port of the service, or add this one to it.';
}
