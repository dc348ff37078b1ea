/** Endpoints: of `/clusters?format=json`, which knows how they fare, and of a config dump, which does not. */
import { MeshctlError } from '../errors.ts';
import type { EndpointRow } from '../model/proxy-config.ts';
import type { ConfigDump } from './config-dump.ts';
import { addressText, body, field, flag, items, number, text } from './fields.ts';

/** @throws MeshctlError E_DUMP when it is no answer of `/clusters` */
export function endpointsOfClusters(value: unknown): readonly EndpointRow[] {
  if (!Array.isArray(field(value, 'cluster_statuses'))) {
    throw new MeshctlError('E_DUMP', 'This is no answer of /clusters?format=json: there is no list "cluster_statuses" in it.');
  }
  return items(value, 'cluster_statuses').flatMap((cluster) => {
    const name = text(cluster, 'name') ?? '';
    return items(cluster, 'host_statuses').map((host): EndpointRow => {
      const health = body(host, 'health_status');
      return {
        address: addressText(body(host, 'address')) ?? '-',
        cluster: name,
        status: flag(health, 'failed_active_health_check') ? 'UNHEALTHY' : (text(health, 'eds_health_status') ?? 'HEALTHY'),
        isEjected: flag(health, 'failed_outlier_check'),
        weight: number(host, 'weight') ?? 1,
        priority: number(host, 'priority') ?? 0,
        locality: localityText(body(host, 'locality')),
        stats: Object.fromEntries(items(host, 'stats').map((stat) => [text(stat, 'name') ?? '', number(stat, 'value') ?? 0])),
      };
    });
  });
}

/** Those of EDS, and of clusters whose endpoints stand in them. */
export function endpointsOfDump({ endpoints }: ConfigDump): readonly EndpointRow[] {
  return endpoints.flatMap(({ resource }) => {
    const cluster = text(resource, 'cluster_name') ?? '';
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
