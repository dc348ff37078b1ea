import { SERVICE } from '../../mesh/istio/kinds.ts';
import { at, itemsAt, numberAt, stringAt } from '../../model/body.ts';
import { groupBy } from '../../model/maps.ts';
import type { FieldPath, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';

/** Istio joins services of one name and namespace from all clusters into one host, of which it builds one listener and one cluster. */
export const servicesAlikeInClusters: Rule = {
  meta: {
    id: 'istio-multicluster/services-alike-in-clusters',
    aliases: ['IST0170'],
    analyzers: ['services.MultiClusterServiceAnalyzer'],
    severity: 'warning',
    summary: 'A service has the same type and ports in every cluster of the mesh.',
    why: 'Which definition a proxy follows depends on its cluster, so requests fail or load is uneven for clients of one cluster only.',
    inputs: [SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0170/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  ports: [{ name: http, port: 9080 }]
---
# cluster: west
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  ports: [{ name: http, port: 9081 }]
`,
    good: `
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  ports: [{ name: http, port: 9080 }]
---
# cluster: west
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  type: ClusterIP
  ports: [{ name: http, port: 9080, targetPort: 9080, protocol: TCP }]
`,
    differs: 'Node ports may differ, as each cluster assigns its own. All clusters are compared with the first one, not with a random one.',
  },
  *check(resources) {
    for (const [first, ...others] of sameServices(resources.all(SERVICE))) {
      if (!first) continue;
      const seen = others.flatMap((other) => differences(first, other).map((difference) => ({ ...difference, other })));
      if (!seen[0]) continue;
      yield {
        at: first,
        path: seen[0].path,
        message: `Service "${first.name}" differs between clusters: ${seen.map(({ text, other }) => `${text} in ${clusterName(other)}`).join('; ')}.`,
        fix: 'Give it the same definition in every cluster, or different names where they are different services.',
        related: [...new Set(seen.map(({ other }) => other))],
      };
    }
  },
};

/** The instances of each service that more than one cluster has, the primary's first and then by the cluster's name. */
function sameServices(services: readonly Resource[]): readonly (readonly Resource[])[] {
  const byName = groupBy(services, ({ namespace, name }) => `${namespace}/${name}`);
  const rank = (service: Resource): string => service.cluster ?? '';
  return [...byName.values()]
    .filter((same) => same.length > 1)
    .map((same) => same.sort((left, right) => (rank(left) < rank(right) ? -1 : 1)));
}

function clusterName(service: Resource): string {
  return service.cluster === undefined ? 'the primary cluster' : `cluster "${service.cluster}"`;
}

interface Aspect {
  readonly name: string;
  readonly path: FieldPath;
  /** The service's side of it, as messages print it. */
  read(service: Resource): string;
}

const ASPECTS: readonly Aspect[] = [
  {
    name: 'clusterIP',
    path: ['spec', 'clusterIP'],
    read: ({ body }) => (stringAt(body, 'spec', 'clusterIP') === 'None' ? 'None' : 'an address'),
  },
  { name: 'type', path: ['spec', 'type'], read: ({ body }) => stringAt(body, 'spec', 'type') ?? 'ClusterIP' },
  { name: 'ports', path: ['spec', 'ports'], read: ({ body }) => portsOf(body) },
];

function differences(first: Resource, other: Resource): readonly { readonly path: FieldPath; readonly text: string }[] {
  return ASPECTS.flatMap(({ name, path, read }) => {
    const [expected, found] = [read(first), read(other)];
    if (expected === found) return [];
    return [{ path, text: `${name} ${expected} in ${clusterName(first)}, but ${found}` }];
  });
}

/** The ports in one notation and order: `http 80->8080/TCP`. The node port is each cluster's own. */
function portsOf(body: Resource['body']): string {
  const ports = itemsAt(body, 'spec', 'ports').flatMap(({ item }) => {
    const port = numberAt(item, 'port');
    if (port === undefined) return [];
    const target = at(item, ['targetPort']) ?? port;
    const application = stringAt(item, 'appProtocol');
    return [
      [
        stringAt(item, 'name') ?? '',
        `${port}${target === port ? '' : `->${target}`}/${stringAt(item, 'protocol') ?? 'TCP'}`,
        application ? `(${application})` : '',
      ]
        .filter(Boolean)
        .join(' '),
    ];
  });
  return ports.length === 0 ? 'none' : ports.sort().join(', ');
}
