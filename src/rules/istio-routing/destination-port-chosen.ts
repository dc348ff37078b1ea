import { fullHost } from '../../mesh/istio/hosts.ts';
import { CONFIG_MAP, MESH_CONFIG, SERVICE, SERVICE_ENTRY, VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { registry } from '../../mesh/istio/registry.ts';
import { appliesToMesh, gatewaysOf, hostsOf } from '../../mesh/istio/virtual-service.ts';
import { has } from '../../model/body.ts';
import { quotedRef } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Rule } from '../../model/rule.ts';
import { quotedList } from '../../text/words.ts';
import { type ResolvedDestination, resolvedDestinations } from './_resolved-destinations.ts';

/** Without a port istiod takes the only one of the service, else the one that the request came in on (`GetDestinationCluster`). */
export const destinationPortChosen: Rule = {
  meta: {
    id: 'istio-routing/destination-port-chosen',
    aliases: ['IST0112'],
    analyzers: ['virtualservice.DestinationHostAnalyzer'],
    severity: 'error',
    summary: 'Every destination that is a service with several ports says which one.',
    why: 'Istio then keeps the port that the request came in on, and the request fails with 503 where the destination has no such port.',
    inputs: [VIRTUAL_SERVICE, SERVICE, SERVICE_ENTRY, MESH_CONFIG, CONFIG_MAP],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0112/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [public]
  http:
    - route:
        - destination: { host: reviews }
---
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  ports: [{ name: http, port: 9080 }, { name: http-admin, port: 9090 }]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [public]
  http:
    - route:
        - destination: { host: reviews, port: { number: 9080 } }
---
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  ports: [{ name: http, port: 9080 }, { name: http-admin, port: 9090 }]
`,
    differs:
      'Silent when the VirtualService is for sidecars only and the destination has every port of the services it routes for: clients then choose the port, and it is kept.',
  },
  *check(resources) {
    for (const resolved of resources.derive(resolvedDestinations)) {
      const { route, destination, entries } = resolved;
      const [service] = entries;
      if (!service || service.ports.length < 2 || has(route.body, ...destination.path, 'port')) continue;
      if (clientsChoose(resolved, resources)) continue;
      const ports = service.ports.map(({ number }) => String(number));
      yield {
        at: route,
        path: [...destination.path, 'host'],
        message: `${quotedRef(service.resource)} has the ports ${quotedList(ports)}, and the ${destination.use === 'mirror' ? 'mirror' : 'destination'} does not say which one.`,
        fix: `Add the port, such as "port: { number: ${ports[0]} }".`,
        related: [service.resource],
      };
    }
  },
};

/** True when requests can only come in on ports that the destination has too. */
function clientsChoose({ route, viewers, entries }: ResolvedDestination, resources: ResourceSet): boolean {
  const hosts = hostsOf(route);
  if (hosts.length === 0 || !appliesToMesh(route) || gatewaysOf(route).length > 0) return false;
  const known = resources.derive(registry);
  const ports = new Set(entries.flatMap((entry) => entry.ports.map(({ number }) => number)));
  return hosts.every(({ value }) => {
    const addressed = known.findAll(fullHost(value, route.namespace, resources.settings.clusterDomain), viewers[0] ?? route.namespace);
    return addressed.length > 0 && addressed.every((entry) => entry.ports.every(({ number }) => ports.has(number)));
  });
}
