/** What a proxy counts. Everything follows from the exchanges that it took part in. */
import type { Exchange } from '../traffic/exchange.ts';
import { addressOf, clusterOf, type Side } from './access-log.ts';
import { statName } from './clusters.ts';
import { proxyOf, spiffeId, workloadOf } from './proxy.ts';

/** Upper ends of Envoy's histogram buckets, milliseconds. */
export const BUCKETS = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000,
];

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

const MOST_VALUES = 200;

/** `istio_requests_total` and its kin, by labels. */
export interface Telemetry {
  readonly labels: Readonly<Record<string, string>>;
  count: number;
  readonly durations: Histogram;
}

export interface HostCounts {
  connected: number;
  failed: number;
  succeeded: number;
  errors: number;
}

export const hostKey = (cluster: string, address: string): string => `${cluster} ${address}`;

export class ProxyStats {
  readonly counters = new Map<string, number>();
  readonly telemetry = new Map<string, Telemetry>();
  /** What each endpoint was sent and did, by cluster and address. */
  readonly hosts = new Map<string, HostCounts>();
  /** The last values of each. */
  readonly histograms = new Map<string, number[]>();

  reset(): void {
    this.counters.clear();
    this.telemetry.clear();
    this.histograms.clear();
    this.hosts.clear();
  }

  add(name: string, more = 1): void {
    this.counters.set(name, (this.counters.get(name) ?? 0) + more);
  }

  /** @param side whether the proxy sent the request or took it */
  record(exchange: Exchange, side: Side): void {
    const { port, targetPort, status, flags, durationMs, requestBytes, responseBytes } = exchange;
    const family = `${Math.floor(status / 100)}xx`;
    const listener = side === 'source' ? `http.outbound_0.0.0.0_${port}` : `http.inbound_0.0.0.0_${targetPort}`;
    for (const name of ['downstream_rq_total', 'downstream_rq_completed', `downstream_rq_${family}`])
      this.add(`${statName(listener)}.${name}`);
    this.#observe(`${statName(listener)}.downstream_rq_time`, durationMs);
    this.#count(exchange, side);
    this.add(`${statName(listener)}.downstream_cx_rx_bytes_total`, requestBytes);
    this.add(`${statName(listener)}.downstream_cx_tx_bytes_total`, responseBytes);
    if (flags === 'NR') {
      this.add(`${statName(listener)}.no_route`);
    } else if (side === 'destination' && exchange.isDenied) {
      this.add(`${statName(listener)}.rbac.denied`);
    } else {
      if (side === 'source') this.#recordHost(exchange);
      this.#recordUpstream(`cluster.${statName(clusterOf(exchange, side))}`, exchange, family, side);
    }
  }

  #recordHost(exchange: Exchange): void {
    const { destination, targetPort, status, flags } = exchange;
    if (!destination) return;
    const key = hostKey(clusterOf(exchange, 'source'), `${addressOf(destination)}:${targetPort}`);
    const counts = this.hosts.get(key) ?? { connected: 0, failed: 0, succeeded: 0, errors: 0 };
    this.hosts.set(key, counts);
    if (flags.startsWith('UF')) counts.failed++;
    else counts.connected = 1;
    if (status >= 500) counts.errors++;
    else counts.succeeded++;
  }

  #recordUpstream(prefix: string, { status, flags, durationMs }: Exchange, family: string, side: Side): void {
    for (const name of ['upstream_rq_completed', `upstream_rq_${status}`, `upstream_rq_${family}`]) this.add(`${prefix}.${name}`);
    if (flags === 'UH') {
      this.add(`${prefix}.upstream_cx_none_healthy`);
      return;
    }
    if (flags.startsWith('UF')) this.add(`${prefix}.upstream_cx_connect_fail`);
    this.add(`${prefix}.upstream_rq_total`);
    if (side === 'source' && flags === 'UC') this.add(`${prefix}.upstream_cx_destroy_remote_with_active_rq`);
    this.#observe(`${prefix}.upstream_rq_time`, durationMs);
  }

  #observe(name: string, value: number): void {
    const values = this.histograms.get(name) ?? [];
    this.histograms.set(name, values);
    values.push(value);
    if (values.length > MOST_VALUES) values.shift();
  }

  #count(exchange: Exchange, reporter: 'source' | 'destination'): void {
    const labels = telemetryLabels(exchange, reporter);
    const key = JSON.stringify(labels);
    const entry = this.telemetry.get(key) ?? { labels, count: 0, durations: { counts: BUCKETS.map(() => 0), sum: 0, count: 0 } };
    this.telemetry.set(key, entry);
    entry.count++;
    entry.durations.sum += exchange.durationMs;
    entry.durations.count++;
    for (const [index, end] of BUCKETS.entries())
      if (exchange.durationMs <= end) entry.durations.counts[index] = (entry.durations.counts[index] ?? 0) + 1;
  }
}

function telemetryLabels(
  { source, destination, service, namespace, status, flags, protocol, grpcStatus }: Exchange,
  reporter: string,
): Readonly<Record<string, string>> {
  const isEncrypted = Boolean(source && destination && proxyOf(source) && proxyOf(destination));
  const of = (pod: Exchange['source'], label: string): string => pod?.metadata.labels?.[label] ?? 'unknown';
  const workload = (pod: Exchange['source']): string => (pod ? workloadOf(pod) : 'unknown');
  const principal = (pod: Exchange['source']): string => {
    const proxy = isEncrypted ? pod && proxyOf(pod) : undefined;
    return proxy ? spiffeId(proxy) : 'unknown';
  };
  return {
    reporter,
    source_workload: workload(source),
    source_canonical_service: of(source, 'app'),
    source_canonical_revision: of(source, 'version'),
    source_workload_namespace: source?.metadata.namespace ?? 'unknown',
    source_principal: principal(source),
    source_app: of(source, 'app'),
    source_version: of(source, 'version'),
    source_cluster: source ? 'Kubernetes' : 'unknown',
    destination_workload: workload(destination),
    destination_workload_namespace: destination?.metadata.namespace ?? 'unknown',
    destination_principal: principal(destination),
    destination_app: of(destination, 'app'),
    destination_version: of(destination, 'version'),
    destination_service: `${service}.${namespace}.svc.cluster.local`,
    destination_canonical_service: of(destination, 'app'),
    destination_canonical_revision: of(destination, 'version'),
    destination_service_name: service,
    destination_service_namespace: namespace,
    destination_cluster: destination ? 'Kubernetes' : 'unknown',
    request_protocol: protocol === 'grpc' ? 'grpc' : 'http',
    response_code: String(status),
    grpc_response_status: grpcStatus === undefined ? '' : String(grpcStatus),
    response_flags: flags,
    connection_security_policy: reporter === 'destination' ? (isEncrypted ? 'mutual_tls' : 'none') : 'unknown',
  };
}
