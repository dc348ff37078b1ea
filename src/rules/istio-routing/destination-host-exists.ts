import { destinationsOf } from '../../mesh/istio/destinations.ts';
import { fullHost, isWildcard, serviceOfHost } from '../../mesh/istio/hosts.ts';
import { CONFIG_MAP, MESH_CONFIG, SERVICE, SERVICE_ENTRY, VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { type Registry, registry } from '../../mesh/istio/registry.ts';
import type { Rule } from '../../model/rule.ts';

/** Requests to a host that the registry does not know get 503 from the client's proxy. */
export const destinationHostExists: Rule = {
  meta: {
    id: 'istio-routing/destination-host-exists',
    aliases: ['IST0101', 'KIA1101'],
    severity: 'error',
    summary: 'Every destination of a VirtualService is a known service.',
    why: 'Requests that match the route fail with 503, because the cluster that the route names does not exist.',
    inputs: [VIRTUAL_SERVICE, SERVICE, SERVICE_ENTRY, MESH_CONFIG, CONFIG_MAP],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0101/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviewz }
---
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  ports: [{ name: http, port: 9080 }]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews.shop.svc.cluster.local }
---
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  ports: [{ name: http, port: 9080 }]
`,
    differs:
      "Visibility is that of the destination (its own exportTo), not of the VirtualService's exportTo (istio/istio#39629); the cluster domain is not fixed (istio/istio#48326).",
  },
  *check(resources) {
    const hosts = resources.derive(registry);
    const { clusterDomain } = resources.settings;
    for (const route of resources.all(VIRTUAL_SERVICE)) {
      for (const destination of destinationsOf(route)) {
        if (destination.host === '' || isWildcard(destination.host)) continue;
        const host = fullHost(destination.host, route.namespace, clusterDomain);
        if (hosts.find(host, route.namespace)) continue;
        yield {
          at: route,
          path: [...destination.path, 'host'],
          message: reason(destination.host, host, route.namespace, hosts),
          fix: advice(destination.host, hosts, clusterDomain),
          absent: serviceOfHost(host, clusterDomain) ? SERVICE : SERVICE_ENTRY,
        };
      }
    }
  },
};

function reason(written: string, host: string, namespace: string, hosts: Registry): string {
  const hidden = hosts.named(host)[0];
  if (hidden) return `Host "${written}" exists, but is not exported to namespace "${namespace}" (see exportTo of ${hidden.resource.name}).`;
  return `Host "${written}" is not a service that namespace "${namespace}" can see${written === host ? '' : ` (looked for ${host})`}.`;
}

function advice(written: string, hosts: Registry, clusterDomain: string): string {
  // `reviews.prod` looks like a service and a namespace, but Istio takes any name with a dot as a full one.
  const partial = hosts.named(`${written}.svc.${clusterDomain}`)[0];
  const elsewhere = partial ? [partial.host] : hosts.servicesCalled(written);
  if (elsewhere.length === 1) return `Did you mean "${elsewhere[0]}"?`;
  return 'Create the service or a ServiceEntry for the host, or use the full name of an existing one.';
}
