/** What one proxy counts of the exchanges that it takes part in, as client or as server. */
import type { KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import type { Exchange } from '../traffic/exchange.ts';
import {
  clusterAddress,
  endpointCounts,
  endpointLabels,
  isDenied,
  isOpaque,
  LOOPBACK,
  targetLabels,
  tlsFrom,
  tlsTo,
} from './exchange-view.ts';
import { inboundVerdict, type Verdict } from './inbound-policy.ts';
import { type MetricLabels, Metrics } from './metrics.ts';
import { addressOf } from './pods.ts';

interface Connection {
  readonly labels: MetricLabels;
  /** Who is at the other end; the connection goes with it. */
  readonly peer: KubeObject | undefined;
}

interface Backend {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
}

export class ProxyCounts {
  readonly #store: Store;
  readonly metrics = new Metrics();
  readonly #connections = new Map<string, Connection>();
  readonly #backends = new Map<string, Backend>();

  constructor(store: Store) {
    this.#store = store;
  }

  sent(exchange: Exchange): void {
    const { namespace, service, port, destination } = exchange;
    const target = this.#store.get('core/Service', namespace, service);
    const isTcp = isOpaque(target, port);
    if (!isTcp) this.#backends.set(`${namespace}/${service}:${port}`, { namespace, service, port });
    this.#transport(exchange, destination, {
      direction: 'outbound',
      peer: 'src',
      ...targetLabels(clusterAddress(this.#store, exchange), port),
      ...LOOPBACK,
    });
    if (!destination) {
      if (!isTcp) this.metrics.add('outbound_http_errors_total', { error: 'failfast' });
      return;
    }
    const endpoint = {
      ...targetLabels(addressOf(destination), exchange.targetPort),
      ...tlsTo(destination),
      ...endpointLabels(exchange, destination, this.#store),
    };
    this.#transport(exchange, destination, { direction: 'outbound', peer: 'dst', ...endpoint });
    if (isTcp) return;
    this.#http(exchange, { direction: 'outbound', authority: exchange.authority, ...endpoint });
    const route = {
      ...parentLabels({ namespace, service, port }),
      route_group: '',
      route_kind: 'default',
      route_namespace: '',
      route_name: 'http',
    };
    const outcome = { http_status: exchange.status, error: '' };
    this.metrics.add('outbound_http_route_request_statuses_total', { ...route, hostname: '', ...outcome });
    this.metrics.add('outbound_http_route_backend_response_statuses_total', {
      ...route,
      ...backendLabels({ namespace, service, port }),
      ...outcome,
    });
  }

  received(exchange: Exchange, own: KubeObject): void {
    const { source, targetPort } = exchange;
    const verdict = inboundVerdict(this.#store, own, targetPort, exchange.path, source);
    const server = { ...metaLabels('srv', verdict.server), srv_port: targetPort };
    const target = targetLabels(addressOf(own), targetPort);
    const tls = tlsFrom(source);
    const authorization = verdict.authorization ? metaLabels('authz', verdict.authorization) : {};
    const isNew = this.#transport(exchange, source, { direction: 'inbound', peer: 'src', ...target, ...tls, ...server });
    const isTcp = isOpaque(own, targetPort);
    if (isNew && !isTcp) {
      const result = exchange.protocol === 'http1' ? 'http1' : 'h2';
      this.metrics.add('inbound_tcp_detect_http_results_total', { result, ...server });
    }
    if (isNew && verdict.authorization)
      this.metrics.add('inbound_tcp_authz_allow_total', { ...target, ...server, ...authorization, ...tls });
    if (!verdict.route) {
      this.metrics.add('inbound_http_route_not_found_total', { ...target, ...server, ...tls });
      return;
    }
    const route = { ...server, ...metaLabels('route', verdict.route) };
    if (isDenied(exchange)) {
      this.metrics.add('inbound_http_authz_deny_total', { ...target, ...route, ...tls });
      return;
    }
    this.#transport(exchange, source, { direction: 'inbound', peer: 'dst', ...LOOPBACK });
    if (isTcp) return;
    this.metrics.add('inbound_http_authz_allow_total', { ...target, ...route, ...authorization, ...tls });
    this.#http(exchange, { direction: 'inbound', authority: exchange.authority, ...target, ...tls, ...route, ...authorization });
  }

  /** Brings the gauges up to date: connections to peers that are gone are closed. */
  refresh(): void {
    const open = new Map<string, { readonly labels: MetricLabels; count: number }>();
    for (const [key, { labels, peer }] of this.#connections) {
      const entry = open.get(JSON.stringify(labels)) ?? { labels, count: 0 };
      open.set(JSON.stringify(labels), entry);
      if (!peer || this.#store.get('core/Pod', peer.metadata.namespace ?? '', peer.metadata.name)) entry.count++;
      else {
        this.#connections.delete(key);
        this.metrics.add('tcp_close_total', { ...labels, errno: '' });
      }
    }
    for (const { labels, count } of open.values()) this.metrics.set('tcp_open_connections', labels, count);
    for (const backend of this.#backends.values()) {
      const labels = { ...parentLabels(backend), ...backendLabels(backend) };
      const counts = endpointCounts(this.#store, backend.namespace, backend.service);
      this.metrics.set('outbound_http_balancer_endpoints', { ...labels, endpoint_state: 'ready' }, counts.ready);
      this.metrics.set('outbound_http_balancer_endpoints', { ...labels, endpoint_state: 'pending' }, counts.pending);
      this.metrics.set('outbound_http_balancer_p2c_endpoints', labels, counts.ready);
    }
  }

  /** What was counted for an endpoint goes with it. */
  forget(pod: KubeObject): void {
    this.refresh();
    this.metrics.drop('dst_pod', pod.metadata.name);
  }

  /** @returns whether a connection had to be opened for it */
  #transport({ requestBytes, responseBytes }: Exchange, peer: KubeObject | undefined, labels: MetricLabels): boolean {
    const key = `${peer?.metadata.uid ?? ''} ${JSON.stringify(labels)}`;
    const isNew = !this.#connections.has(key);
    if (isNew) {
      this.#connections.set(key, { labels, peer });
      this.metrics.add('tcp_open_total', labels);
    }
    // Towards the server requests are written and responses read; on the other side it is the other way round.
    const [read, written] = labels['peer'] === 'src' ? [requestBytes, responseBytes] : [responseBytes, requestBytes];
    this.metrics.add('tcp_read_bytes_total', labels, read + HEADERS_BYTES);
    this.metrics.add('tcp_write_bytes_total', labels, written + HEADERS_BYTES);
    return isNew;
  }

  #http({ status, grpcStatus, durationMs, protocol }: Exchange, labels: MetricLabels): void {
    const failed = status >= 500 || (grpcStatus ?? 0) !== 0;
    this.metrics.add('request_total', labels);
    this.metrics.add('response_total', {
      ...labels,
      status_code: status,
      ...{ classification: failed ? 'failure' : 'success', grpc_status: protocol === 'grpc' ? (grpcStatus ?? 0) : '', error: '' },
    });
    this.metrics.observe('response_latency_ms', { ...labels, status_code: status }, durationMs);
  }
}

const HEADERS_BYTES = 120;

const metaLabels = (prefix: string, { group, kind, name }: Verdict['server']): MetricLabels => ({
  ...{ [`${prefix}_group`]: group, [`${prefix}_kind`]: kind, [`${prefix}_name`]: name },
});

const place = (prefix: string, { namespace, service, port }: Backend): MetricLabels => ({
  [`${prefix}_group`]: 'core',
  [`${prefix}_kind`]: 'Service',
  [`${prefix}_namespace`]: namespace,
  [`${prefix}_name`]: service,
  [`${prefix}_port`]: port,
  [`${prefix}_section_name`]: '',
});

const parentLabels = (backend: Backend): MetricLabels => place('parent', backend);
const backendLabels = (backend: Backend): MetricLabels => place('backend', backend);
