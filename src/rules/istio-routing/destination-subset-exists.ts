import { destinationsOf } from '../../mesh/istio/destinations.ts';
import { fullHost } from '../../mesh/istio/hosts.ts';
import { CONFIG_MAP, DESTINATION_RULE, MESH_CONFIG, VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { viewersOf } from '../../mesh/istio/virtual-service.ts';
import { exportScope, isVisible } from '../../mesh/istio/visibility.ts';
import { quotedRef } from '../../model/resource.ts';
import type { Problem, Rule } from '../../model/rule.ts';
import { quotedList } from '../../text/words.ts';
import { type SubsetRule, subsetRules } from './_subsets.ts';
import { inNamespaces } from './_wording.ts';

export const destinationSubsetExists: Rule = {
  meta: {
    id: 'istio-routing/destination-subset-exists',
    aliases: ['IST0101', 'KIA1107'],
    analyzers: ['virtualservice.DestinationRuleAnalyzer'],
    severity: 'error',
    summary: 'Every subset that a VirtualService routes to is defined by a DestinationRule for the host.',
    why: 'Requests that match the route fail with 503, because proxies have no cluster for that subset; copies for a mirror are lost.',
    inputs: [VIRTUAL_SERVICE, DESTINATION_RULE, MESH_CONFIG, CONFIG_MAP],
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
        - destination: { host: reviews, subset: v2 }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  subsets: [{ name: v1, labels: { version: v1 } }]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews, subset: v1 }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  subsets: [{ name: v1, labels: { version: v1 } }]
`,
    differs:
      'DestinationRules for a wildcard host count, those that are not exported to where the route applies do not, and the cluster domain is not fixed.',
  },
  *check(resources) {
    const rules = resources.derive(subsetRules);
    const mesh = resources.derive(meshConfig);
    for (const route of resources.all(VIRTUAL_SERVICE)) {
      const viewers = viewersOf(route, mesh);
      const isForAll = exportScope(route, mesh.defaultVirtualServiceExportTo).has('*');
      const seen = ({ scope, resource }: SubsetRule): boolean =>
        viewers.some((viewer) => isVisible(scope, viewer)) || (isForAll && resource.namespace === route.namespace && scope.size > 0);
      for (const { host, subset, path, use } of destinationsOf(route)) {
        if (subset === undefined || host === '') continue;
        const candidates = [...rules.covering(fullHost(host, route.namespace, resources.settings.clusterDomain))].flat();
        const defining = candidates.filter((rule) => rule.subsets.has(subset));
        if (defining.some(seen)) continue;
        const problem = { at: route, path: [...path, 'subset'], absent: DESTINATION_RULE };
        const [hidden] = defining;
        const subject = `Subset "${subset}" of ${use === 'mirror' ? 'mirror host' : 'host'} "${host}"`;
        yield hidden
          ? {
              ...problem,
              message: `${subject} is defined by ${quotedRef(hidden.resource)}, which is not exported to ${inNamespaces(viewers)}, where this route applies.`,
              fix: `Add the namespace to the exportTo of ${quotedRef(hidden.resource)}, or define the subset in a DestinationRule there.`,
              related: [hidden.resource],
            }
          : { ...problem, ...undefinedSubset(subject, subset, candidates.filter(seen)) };
      }
    }
  },
};

function undefinedSubset(subject: string, subset: string, candidates: readonly SubsetRule[]): Pick<Problem, 'message' | 'fix' | 'related'> {
  const [nearest] = candidates;
  if (!nearest) {
    return {
      message: `${subject} is not defined: no DestinationRule is for this host.`,
      fix: `Create a DestinationRule for the host with a subset "${subset}".`,
    };
  }
  const names = [...new Set(candidates.flatMap((rule) => [...rule.subsets]))];
  return {
    message: `${subject} is not defined: ${quotedRef(nearest.resource)} has ${names.length === 0 ? 'no subsets' : `the subsets ${quotedList(names)}`}.`,
    fix: names.length === 0 ? `Add a subset "${subset}" to the DestinationRule.` : 'Route to one of its subsets, or add this one to it.',
    related: candidates.map((rule) => rule.resource),
  };
}
