import type { Trouble } from '../../../model/describe.ts';
import { groupBy } from '../../../model/maps.ts';
import type { ClusterRow, EndpointRow } from '../../../model/proxy-config.ts';
import { quotedRef } from '../../../model/resource.ts';
import type { AskedEnvoy } from './compare.ts';
import { named, subjectOf } from './scene.ts';

const USABLE: ReadonlySet<string> = new Set(['HEALTHY', 'DEGRADED', 'UNKNOWN']);

const isUsable = ({ status, isEjected }: EndpointRow): boolean => USABLE.has(status) && isEjected !== true;

/** Clusters that have their endpoints sent, and none that can be used. */
export function emptyClusterTroubles({ pod, config, only }: AskedEnvoy): readonly Trouble[] {
  const byCluster = groupBy(config.endpoints, ({ cluster }) => cluster);
  const clusters = new Map(config.clusters.map((cluster) => [cluster.name, cluster]));
  const reasonOf = (cluster: ClusterRow): string | undefined => {
    if (cluster.type !== 'EDS') return undefined;
    const own = byCluster.get(cluster.name) ?? [];
    if (own.some(isUsable)) return undefined;
    return own.length === 0
      ? 'has no endpoints'
      : `has ${own.length === 1 ? 'one endpoint, which is' : `${own.length} endpoints, all of them`} not healthy`;
  };
  const hosts = only && new Set(only.map(({ host }) => host));
  // Services that are scaled to nothing are everywhere; what a rule sends requests to is meant to be there.
  const routed = config.routes.flatMap(({ from, destinations }) =>
    from === undefined ? [] : destinations.map((destination) => ({ ...destination, from })),
  );
  const told = new Set<string>();
  const byRoutes = routed.flatMap(({ cluster: name, weight, from }): readonly Trouble[] => {
    const cluster = clusters.get(name);
    const reason = cluster && reasonOf(cluster);
    if (!cluster || reason === undefined || (hosts && !hosts.has(cluster.service)) || told.has(`${name} ${subjectOf(from)}`)) return [];
    told.add(`${name} ${subjectOf(from)}`);
    told.add(name);
    const share = weight === undefined ? 'requests' : `${weight}% of the requests`;
    return [
      trouble(cluster, `${subjectOf(from)} sends ${share} to ${clusterText(cluster)}, which ${reason} in the proxy of ${quotedRef(pod)}.`, [
        from,
        named(pod),
      ]),
    ];
  });
  const ofService = hosts
    ? config.clusters.flatMap((cluster): readonly Trouble[] => {
        const isOwn =
          hosts.has(cluster.service) && cluster.direction === 'outbound' && cluster.subset === undefined && !told.has(cluster.name);
        const reason = isOwn ? reasonOf(cluster) : undefined;
        return reason === undefined
          ? []
          : [trouble(cluster, `${clusterText(cluster)} ${reason} in the proxy of ${quotedRef(pod)}.`, [named(pod)])];
      })
    : [];
  return [...byRoutes, ...ofService];
}

const clusterText = ({ service, port, subset }: ClusterRow): string =>
  `${service}:${port ?? ''}${subset === undefined ? '' : ` subset "${subset}"`}`;

const trouble = ({ service }: ClusterRow, message: string, objects: Trouble['objects']): Trouble => ({
  id: 'istio/no-healthy-endpoints',
  severity: 'error',
  isDifference: false,
  message,
  hint: `Such requests are answered with 503. Look at the pods behind ${service}, at their labels and whether they are ready.`,
  objects,
});
