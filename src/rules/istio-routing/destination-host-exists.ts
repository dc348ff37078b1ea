import { CONFIG_MAP, MESH_CONFIG, SERVICE, SERVICE_ENTRY, VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { evidenceFor, registry } from '../../mesh/istio/registry.ts';
import { at } from '../../model/body.ts';
import { quotedRef } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Problem, Rule } from '../../model/rule.ts';
import { type ResolvedDestination, resolvedDestinations } from './_resolved-destinations.ts';
import { inNamespaces } from './_wording.ts';

/** Requests to a host that the registry does not know get 503 from the client's proxy. */
export const destinationHostExists: Rule = {
  meta: {
    id: 'istio-routing/destination-host-exists',
    aliases: ['IST0101', 'KIA1101'],
    analyzers: ['virtualservice.DestinationHostAnalyzer'],
    severity: 'error',
    summary: 'Every destination of a VirtualService is a known service.',
    why: 'Requests that match the route fail with 503, because the cluster that the route names does not exist; copies for a mirror are lost.',
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
      'The cluster domain is not fixed (istio/istio#48326). A service that its own namespace exports only to its clients is found by a VirtualService of that namespace (istio/istio#39629).',
  },
  *check(resources) {
    for (const resolved of resources.derive(resolvedDestinations)) {
      // Hosts of multi-cluster services come from ServiceImports of other clusters, which no input holds.
      if (resolved.host.endsWith('.svc.clusterset.local')) continue;
      if (resolved.entries.length === 0) yield* missing(resolved, resources);
    }
  },
};

function* missing({ route, destination, host, viewers }: ResolvedDestination, resources: ResourceSet): Iterable<Problem> {
  const path = [...destination.path, 'host'];
  const mirror = destination.use === 'mirror';
  if (host === '') {
    const around = at(route.body, destination.path);
    const written = at(route.body, path);
    // A host that is no string at all is refused by the API server, as is what stands for the mapping around it, and is no missing service.
    if ((written !== undefined && written !== null && written !== '') || typeof around === 'string') return;
    yield {
      at: route,
      path: destination.path,
      message: `A ${mirror ? 'mirror' : 'destination'} of the ${destination.protocol} routes names no host, so it leads nowhere.`,
      fix: 'Name the service in "host", or remove the entry.',
    };
    return;
  }
  const hosts = resources.derive(registry);
  const { clusterDomain } = resources.settings;
  const subject = `${mirror ? 'Mirror host' : 'Host'} "${destination.host}"`;
  const hidden = hosts.named(host)[0];
  if (hidden) {
    yield {
      at: route,
      path,
      message: `${subject} exists, but ${quotedRef(hidden.resource)} is not exported to ${inNamespaces(viewers)}, where this route applies.`,
      fix: `Add the namespace to the exportTo of ${quotedRef(hidden.resource)}, or route to a service that is visible there.`,
      related: [hidden.resource],
    };
    return;
  }
  const meant = hosts.intended(destination.host, route.namespace);
  const lookedFor = destination.host === host ? '' : ` (looked for "${host}")`;
  const problem: Problem = {
    at: route,
    path,
    message: `${subject} is not a service that ${inNamespaces(viewers)} can see${lookedFor}.`,
    fix: meant ? `Did you mean "${meant}"?` : 'Create the service or a ServiceEntry for the host, or use the full name of an existing one.',
  };
  // `reviews.prod` names a service that was given; no ServiceEntry is to be expected for it.
  const partial = hosts.named(`${destination.host}.svc.${clusterDomain}`).length > 0;
  yield partial ? problem : { ...problem, absent: evidenceFor(host, resources) };
}
