/** Endpoints: of `/clusters?format=json`, which knows how they fare, and of a config dump, which does not. */
import { MeshctlError } from '../errors.ts';
import { isBody } from '../model/body.ts';
import { groupBy } from '../model/maps.ts';
import type { EndpointRow } from '../model/proxy-config.ts';
import type { ConfigDump } from './config-dump.ts';
import { addressText, body, field, flag, items, number, text } from './fields.ts';

/** @throws MeshctlError E_DUMP when it is no answer of `/clusters` */
export function endpointsOfClusters(value: unknown): readonly EndpointRow[] {
  // Envoy leaves an empty list out.
  if (!isClusters(value)) {
    throw new MeshctlError('E_DUMP', 'This is no answer of /clusters?format=json: there is no list "cluster_statuses" in it.');
  }
  const rows = items(value, 'cluster_statuses').flatMap((cluster) => {
    const name = text(cluster, 'name') ?? '';
    return items(cluster, 'host_statuses').map((host): EndpointRow => {
      const health = body(host, 'health_status');
      return {
        address: addressText(body(host, 'address')) ?? '-',
        cluster: name,
        status: statusOf(health),
        isEjected: flag(health, 'failed_outlier_check'),
        weight: number(host, 'weight') ?? 1,
        priority: number(host, 'priority') ?? 0,
        locality: localityText(body(host, 'locality')),
        stats: Object.fromEntries(items(host, 'stats').map((stat) => [text(stat, 'name') ?? '', number(stat, 'value') ?? 0])),
      };
    });
  });
  // Envoy keeps clusters in no order, and the endpoints of one in that of their priority.
  return rows.toSorted((left, right) => (left.cluster < right.cluster ? -1 : left.cluster > right.cluster ? 1 : 0));
}

const isClusters = (value: unknown): boolean =>
  Array.isArray(field(value, 'cluster_statuses')) || (isBody(value) && Object.keys(value).length === 0);

/** What the proxy found itself says more than what it was told. */
function statusOf(health: unknown): string {
  if (flag(health, 'failed_active_health_check') || flag(health, 'exclude_via_immediate_hc_fail')) return 'UNHEALTHY';
  const told = text(health, 'eds_health_status') ?? 'HEALTHY';
  return told === 'HEALTHY' && flag(health, 'failed_active_degraded_check') ? 'DEGRADED' : told;
}

/** Those of EDS, and of clusters whose endpoints stand in them. */
export function endpointsOfDump({ endpoints, clusters }: ConfigDump): readonly EndpointRow[] {
  const names = groupBy(clusters, ({ resource }) => text(resource, 'eds_cluster_config', 'service_name') ?? text(resource, 'name'));
  return endpoints.flatMap(({ resource }) => {
    // EDS may know a cluster by another name, and several by the same; a dump repeats that for each of them.
    const told = text(resource, 'cluster_name') ?? '';
    const cluster = text(names.get(told)?.shift()?.resource, 'name') ?? told;
    return items(resource, 'endpoints').flatMap((group) =>
      items(group, 'lb_endpoints').map(
        (each): EndpointRow => ({
          address: addressText(body(each, 'endpoint', 'address')) ?? '-',
          cluster,
          status: text(each, 'health_status') ?? 'HEALTHY',
          weight: number(each, 'load_balancing_weight') ?? 1,
          priority: number(group, 'priority') ?? 0,
          locality: localityText(body(group, 'locality')),
        }),
      ),
    );
  });
}

const localityText = (locality: unknown): string => ['region', 'zone', 'sub_zone'].flatMap((part) => text(locality, part) ?? []).join('/');
