/** `/clusters` of Envoy: every endpoint with what it was sent and how it fares. */
import { isBody, itemsAt, listAt, numberAt, stringAt } from '../../model/body.ts';
import { staticClusters } from './bootstrap.ts';
import { statName } from './clusters.ts';
import type { Held } from './pilot.ts';
import { type HostCounts, hostKey, type ProxyStats } from './stats.ts';

interface Host {
  /** `10.244.0.7:9080`, or the path of a socket. */
  readonly address: string;
  readonly socket: { readonly ip: string; readonly port: number } | undefined;
  readonly counts: HostCounts;
}

interface Status {
  readonly name: string;
  readonly isDynamic: boolean;
  readonly hosts: readonly Host[];
  /** Of connections, pending requests, requests and retries. */
  readonly thresholds: Readonly<Record<string, number>>;
}

const LIMITS = { max_connections: 1024, max_pending_requests: 1024, max_requests: 1024, max_retries: 3 };
const NOTHING: HostCounts = { connected: 0, failed: 0, succeeded: 0, errors: 0 };

function statusesOf(held: Held, stats: ProxyStats): readonly Status[] {
  const hostsIn = (name: string, assignment: unknown): readonly Host[] =>
    itemsAt(assignment, 'endpoints')
      .flatMap(({ item }) => itemsAt(item, 'lb_endpoints'))
      .map(({ item }) => {
        const ip = stringAt(item, 'endpoint', 'address', 'socket_address', 'address');
        const port = numberAt(item, 'endpoint', 'address', 'socket_address', 'port_value') ?? 0;
        const address = ip === undefined ? (stringAt(item, 'endpoint', 'address', 'pipe', 'path') ?? '') : `${ip}:${port}`;
        return { address, socket: ip === undefined ? undefined : { ip, port }, counts: stats.hosts.get(hostKey(name, address)) ?? NOTHING };
      });
  const assignments = new Map(held.endpoints.map((each) => [each.cluster_name, each]));
  const limitsOf = (cluster: object): Readonly<Record<string, number>> => {
    const [first] = listAt(cluster, 'circuit_breakers', 'thresholds').filter(isBody);
    return Object.fromEntries(Object.entries(LIMITS).map(([name, usual]) => [name, numberAt(first, name) ?? usual]));
  };
  return [
    ...held.clusters.map((cluster) => ({
      name: cluster.name,
      isDynamic: true,
      hosts: hostsIn(cluster.name, assignments.get(cluster.name)),
      thresholds: limitsOf(cluster),
    })),
    ...staticClusters().map(({ name, load_assignment }) => ({
      name,
      isDynamic: false,
      hosts: hostsIn(name, load_assignment),
      thresholds: LIMITS,
    })),
  ];
}

const countersOf = ({ connected, failed, succeeded, errors }: HostCounts): Readonly<Record<string, number>> => ({
  cx_connect_fail: failed,
  cx_total: connected + failed,
  rq_error: errors,
  rq_success: succeeded,
  rq_timeout: 0,
  rq_total: succeeded + errors,
});

const gaugesOf = ({ connected }: HostCounts): Readonly<Record<string, number>> => ({
  cx_active: connected,
  rq_active: 0,
  rq_pending_active: 0,
});

/** As text they are mixed, by their names. */
const valuesOf = (counts: HostCounts): readonly (readonly [string, number])[] =>
  Object.entries({ ...countersOf(counts), ...gaugesOf(counts) }).sort(([left], [right]) => (left < right ? -1 : 1));

export function clustersText(held: Held, stats: ProxyStats): string {
  const lines: string[] = [];
  for (const { name, isDynamic, hosts, thresholds } of statusesOf(held, stats)) {
    const say = (text: string): unknown => lines.push(`${name}::${text}\n`);
    say(`observability_name::${isDynamic ? statName(name) : name}`);
    for (const [limit, value] of Object.entries(thresholds)) say(`default_priority::${limit}::${value}`);
    for (const [limit, value] of Object.entries(LIMITS)) say(`high_priority::${limit}::${value}`);
    say(`added_via_api::${isDynamic}`);
    for (const { address, counts } of hosts) {
      for (const [value, number] of valuesOf(counts)) say(`${address}::${value}::${number}`);
      say(`${address}::hostname::`);
      say(`${address}::health_flags::healthy`);
      say(`${address}::weight::1`);
      for (const part of ['region', 'zone', 'sub_zone']) say(`${address}::${part}::`);
      say(`${address}::canary::false`);
      say(`${address}::priority::0`);
      say(`${address}::success_rate::-1`);
      say(`${address}::local_origin_success_rate::-1`);
    }
  }
  return lines.join('');
}

export function clustersJson(held: Held, stats: ProxyStats): object {
  return {
    cluster_statuses: statusesOf(held, stats).map(({ name, isDynamic, hosts, thresholds }) => ({
      name,
      ...(isDynamic ? { added_via_api: true } : {}),
      ...(hosts.length > 0 ? { host_statuses: hosts.map(hostStatus) } : {}),
      circuit_breakers: { thresholds: [thresholds, { priority: 'HIGH', ...LIMITS }] },
      observability_name: isDynamic ? statName(name) : name,
      ...(isDynamic && name.startsWith('outbound|') ? { eds_service_name: name } : {}),
    })),
  };
}

const hostStatus = ({ address, socket, counts }: Host): object => ({
  address: socket ? { socket_address: { address: socket.ip, port_value: socket.port } } : { pipe: { path: address } },
  stats: [
    ...Object.entries(countersOf(counts)).map(([name, value]) => ({ ...given(value), name })),
    ...Object.entries(gaugesOf(counts)).map(([name, value]) => ({ type: 'GAUGE', ...given(value), name })),
  ],
  health_status: { eds_health_status: 'HEALTHY' },
  weight: 1,
  locality: {},
});

/** Zero is a default, which JSON leaves out. */
const given = (value: number): object => (value === 0 ? {} : { value: String(value) });
