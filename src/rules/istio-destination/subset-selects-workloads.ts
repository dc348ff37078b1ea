import { CONFIG_MAP, DESTINATION_RULE, MESH_CONFIG, SERVICE, SERVICE_ENTRY } from '../../mesh/istio/kinds.ts';
import type { RegistryEntry } from '../../mesh/istio/registry.ts';
import { splitTopology } from '../../mesh/istio/topology.ts';
import { itemsAt, stringAt, stringMapAt } from '../../model/body.ts';
import { formatLabels, labelOf } from '../../model/labels.ts';
import type { Rule } from '../../model/rule.ts';
import { ENDPOINT_KINDS, type Endpoint, endpoints, listsEndpoints, SELECTED_KINDS } from './_endpoints.ts';
import { servicesOf } from './_services.ts';

type Labels = Readonly<Record<string, string>>;

export const subsetSelectsWorkloads: Rule = {
  meta: {
    id: 'istio-destination/subset-selects-workloads',
    aliases: ['IST0173'],
    analyzers: ['destinationrule.SubsetSelectPodAnalyzer'],
    severity: 'error',
    summary: 'Every subset of a DestinationRule selects some workload of its host.',
    why: 'Requests routed to the subset get 503, because it has no endpoint.',
    inputs: [DESTINATION_RULE, SERVICE, SERVICE_ENTRY, MESH_CONFIG, CONFIG_MAP, ...ENDPOINT_KINDS],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0173/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  subsets:
    - name: v1
      labels: { version: v1 }
    - name: v2
      labels: { version: v2 }
---
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  selector: { app: reviews }
  ports: [{ name: http, port: 9080 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: reviews-v1, namespace: shop }
spec:
  template:
    metadata: { labels: { app: reviews, version: v1 } }
    spec: { containers: [{ name: reviews, image: reviews:1.0 }] }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  subsets:
    - name: v1
      labels: { version: v1 }
---
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  selector: { app: reviews }
  ports: [{ name: http, port: 9080 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: reviews-v1, namespace: shop }
spec:
  template:
    metadata: { labels: { app: reviews, version: v1 } }
    spec: { containers: [{ name: reviews, image: reviews:1.0 }] }
`,
    differs:
      'Only endpoints of the host count: pods that the Service selects in its namespace, WorkloadEntries, and the endpoints of a ServiceEntry. Templates count as well as pods, whatever their replicas. Labels of a place are not judged without Nodes, and those of the cluster or network never.',
  },
  *check(resources) {
    for (const rule of resources.all(DESTINATION_RULE)) {
      const subsets = itemsAt(rule.body, 'spec', 'subsets');
      const services = subsets.length > 0 ? (servicesOf(rule, resources)?.services ?? []) : [];
      if (services.length === 0 || services.some(hasNoEndpoints)) continue;
      const known = resources.derive(endpoints);
      for (const { item, path } of subsets) {
        const { own, place } = splitTopology(stringMapAt(item, 'labels'));
        const isNarrow = Object.keys(own).length + Object.keys(place).length > 0;
        if (!isNarrow || services.some((service) => known.of(service, own).some((endpoint) => endpoint.mayRunAt(place)))) continue;
        const all = services.flatMap((service) => known.of(service, {}));
        const missing = missingLabel(own, all);
        yield {
          at: rule,
          path: [...path, 'labels', ...(missing ? [missing] : [])],
          message: `Subset "${stringAt(item, 'name') ?? ''}" selects nothing behind host "${stringAt(rule.body, 'spec', 'host')}": ${reason({ ...own, ...place }, missing, all)}.`,
          fix: 'Correct the labels, deploy a workload that carries them, or remove the subset.',
          ...(!services.every(listsEndpoints) && { absent: SELECTED_KINDS }),
        };
      }
    }
  },
};

/** Proxies send to the address that the client asked for, whatever the subset, when a ServiceEntry leaves resolution to the client. */
function hasNoEndpoints({ resource }: RegistryEntry): boolean {
  const resolution = resource.kind === SERVICE_ENTRY ? (stringAt(resource.body, 'spec', 'resolution') ?? 'NONE') : undefined;
  return resolution === 'NONE' || resolution === 'DYNAMIC_DNS';
}

/** The first label that alone excludes every endpoint. */
function missingLabel(labels: Labels, all: readonly Endpoint[]): string | undefined {
  if (all.length === 0) return undefined;
  return Object.keys(labels).find((key) => all.every((endpoint) => labelOf(endpoint.labels, key) !== labels[key]));
}

function reason(labels: Labels, missing: string | undefined, all: readonly Endpoint[]): string {
  if (all.length === 0) return 'it has no workloads or endpoints at all';
  if (missing === undefined) return `none of its workloads fits ${formatLabels(labels)}`;
  const values = [...new Set(all.flatMap((endpoint) => labelOf(endpoint.labels, missing) ?? []))].sort().slice(0, 5);
  const found = values.length > 0 ? `found ${values.map((value) => `"${value}"`).join(', ')}` : `none carries the label`;
  return `no workload has "${labels[missing]}" as label "${missing}" (${found})`;
}
