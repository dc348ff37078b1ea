/** Listeners, as istiod makes them: where traffic is captured, and what filters it passes. */
import { itemsAt, objectAt, stringAt } from '../../model/body.ts';
import type { KubeObject } from '../store/object.ts';
import { ACCESS_LOG_FORMAT } from './access-log.ts';
import { rbacRules } from './authorization.ts';
import { clusterName, statName } from './clusters.ts';
import { concerns, type MeshProxy } from './proxy.ts';
import { type GatewayServer, gatewayRouteName, listenPort, serversOf } from './routes.ts';
import type { MeshService, MeshView, ServicePort } from './view.ts';

const LISTENER = 'type.googleapis.com/envoy.config.listener.v3.Listener';
const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const TCP = 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy';

export interface EnvoyListener {
  readonly name: string;
  readonly [field: string]: unknown;
}

const address = (ip: string, port: number): object => ({ socket_address: { address: ip, port_value: port } });

const accessLog = {
  name: 'envoy.access_loggers.file',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
    path: '/dev/stdout',
    log_format: {
      text_format_source: {
        inline_string: ACCESS_LOG_FORMAT,
      },
    },
  },
};

export type Direction = 'inbound' | 'outbound';

/** What EnvoyFilters insert before the router of a proxy's HTTP listeners. */
export function insertedFilters(proxy: MeshProxy, view: MeshView, direction: Direction): readonly Readonly<Record<string, unknown>>[] {
  const context = proxy.type === 'sidecar' ? `SIDECAR_${direction.toUpperCase()}` : 'GATEWAY';
  return view
    .configuration('EnvoyFilter')
    .filter((filter) => concerns(filter, proxy))
    .flatMap((filter) => itemsAt(filter, 'spec', 'configPatches'))
    .filter(({ item }) => ['ANY', context].includes(stringAt(item, 'match', 'context') ?? 'ANY'))
    .filter(({ item }) => stringAt(item, 'applyTo') === 'HTTP_FILTER' && /^INSERT/.test(stringAt(item, 'patch', 'operation') ?? ''))
    .map(({ item }) => objectAt(item, 'patch', 'value'))
    .filter(({ name }) => typeof name === 'string');
}

export function listenersFor(proxy: MeshProxy, view: MeshView): readonly EnvoyListener[] {
  if (proxy.type === 'waypoint') return waypointListeners(proxy, view);
  return proxy.type === 'sidecar' ? sidecarListeners(proxy, view) : gatewayListeners(proxy, view);
}

/** A waypoint takes HBONE, and sends what is in it through a listener of its own by the service that it is for. */
function waypointListeners(proxy: MeshProxy, view: MeshView): readonly EnvoyListener[] {
  const tunnel = {
    match: { connect_matcher: {} },
    route: { cluster: 'main_internal', upgrade_configs: [{ upgrade_type: 'CONNECT', connect_config: {} }] },
  };
  const route_config = { name: 'local_route', virtual_hosts: [{ name: 'connect', domains: ['*'], routes: [tunnel] }] };
  const chains = view.services
    .filter(({ namespace }) => namespace === proxy.namespace)
    .flatMap(({ host, ports }) =>
      ports.map(({ port, protocol }) => {
        const name = `inbound-vip|${port}|${protocol}|${host}`;
        if (protocol === 'tcp') return { ...tcpChain(name), name };
        return { name, filters: [manager(name, { rds: rds(name) }, outboundFilters(proxy, view))] };
      }),
    );
  return [
    {
      '@type': LISTENER,
      name: 'connect_terminate',
      address: address('0.0.0.0', HBONE_PORT),
      filter_chains: [{ filters: [manager('connect_terminate', { route_config }, outboundFilters(proxy, view))] }],
    },
    { '@type': LISTENER, name: 'main_internal', internal_listener: {}, filter_chains: chains },
  ];
}

const HBONE_PORT = 15_008;

function sidecarListeners(proxy: MeshProxy, view: MeshView): readonly EnvoyListener[] {
  const http = [
    ...new Set(view.services.flatMap(({ ports }) => ports.filter(({ protocol }) => protocol === 'http').map(({ port }) => port))),
  ];
  const tcp = view.services.flatMap((service) =>
    service.ports.filter(({ protocol }) => protocol === 'tcp').map((port) => ({ service, port })),
  );
  return [
    virtualOutbound(),
    virtualInbound(proxy, view),
    ...http
      .sort((left, right) => left - right)
      .map((port) => ({
        '@type': LISTENER,
        name: `0.0.0.0_${port}`,
        address: address('0.0.0.0', port),
        traffic_direction: 'OUTBOUND',
        default_filter_chain: tcpChain('PassthroughCluster', 'PassthroughFilterChain'),
        filter_chains: [
          {
            filter_chain_match: { transport_protocol: 'raw_buffer', application_protocols: ['http/1.1', 'h2c'] },
            filters: [manager(`outbound_0.0.0.0_${port}`, { rds: rds(String(port)) }, outboundFilters(proxy, view))],
          },
        ],
        listener_filters: inspectors(),
        bind_to_port: false,
      })),
    ...tcp.filter(({ service }) => /^\d/.test(service.clusterIp)).map(({ service, port }) => tcpListener(service, port)),
  ];
}

const tcpListener = (service: MeshService, { port }: ServicePort): EnvoyListener => ({
  '@type': LISTENER,
  name: `${service.clusterIp}_${port}`,
  address: address(service.clusterIp, port),
  traffic_direction: 'OUTBOUND',
  filter_chains: [tcpChain(clusterName('outbound', port, '', service.host))],
  bind_to_port: false,
});

function tcpChain(cluster: string, name?: string): object {
  const filter = {
    name: 'envoy.filters.network.tcp_proxy',
    typed_config: { '@type': TCP, stat_prefix: cluster, cluster, access_log: [accessLog] },
  };
  return { ...(name === undefined ? {} : { name }), filters: [statsFilter('network'), filter] };
}

const inspectors = (): readonly object[] =>
  ['tls_inspector', 'http_inspector'].map((name) => ({
    name: `envoy.filters.listener.${name}`,
    typed_config: {
      '@type': `type.googleapis.com/envoy.extensions.filters.listener.${name}.v3.${name === 'tls_inspector' ? 'TlsInspector' : 'HttpInspector'}`,
    },
  }));

const virtualOutbound = (): EnvoyListener => ({
  '@type': LISTENER,
  name: 'virtualOutbound',
  address: address('0.0.0.0', 15_001),
  filter_chains: [
    { filter_chain_match: { destination_port: 15_001 }, ...tcpChain('BlackHoleCluster', 'virtualOutbound-blackhole') },
    tcpChain('PassthroughCluster', 'virtualOutbound-catchall-tcp'),
  ],
  use_original_dst: true,
  traffic_direction: 'OUTBOUND',
  access_log: [accessLog],
});

function virtualInbound(proxy: MeshProxy, view: MeshView): EnvoyListener {
  const own = view.services.filter(({ pods }) => pods.some((pod) => pod.metadata.uid === proxy.pod.metadata.uid));
  const mode = mtlsMode(proxy, view);
  const chains = own.flatMap((service) => service.ports.flatMap((port) => inboundChains(proxy, view, service, port, mode)));
  return {
    '@type': LISTENER,
    name: 'virtualInbound',
    address: address('0.0.0.0', 15_006),
    filter_chains: [
      { filter_chain_match: { destination_port: 15_006 }, ...tcpChain('BlackHoleCluster', 'virtualInbound-blackhole') },
      { filter_chain_match: { transport_protocol: 'tls' }, ...tcpChain('InboundPassthroughCluster', 'virtualInbound'), ...serverTls() },
      ...(mode === 'STRICT'
        ? []
        : [{ filter_chain_match: { transport_protocol: 'raw_buffer' }, ...tcpChain('InboundPassthroughCluster', 'virtualInbound') }]),
      ...chains,
    ],
    listener_filters: [
      {
        name: 'envoy.filters.listener.original_dst',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.listener.original_dst.v3.OriginalDst' },
      },
      ...inspectors(),
    ],
    listener_filters_timeout: '0s',
    traffic_direction: 'INBOUND',
    continue_on_listener_filters_timeout: true,
    access_log: [accessLog],
  };
}

function inboundChains(
  proxy: MeshProxy,
  view: MeshView,
  service: MeshService,
  { targetPort, port, protocol }: ServicePort,
  mode: string,
): readonly object[] {
  const cluster = clusterName('inbound', targetPort);
  const route = {
    name: cluster,
    virtual_hosts: [
      {
        name: `inbound|http|${port}`,
        domains: ['*'],
        routes: [
          {
            name: 'default',
            match: { prefix: '/' },
            route: { cluster, timeout: '0s', max_stream_duration: { max_stream_duration: '0s', grpc_timeout_header_max: '0s' } },
            decorator: { operation: `${service.host}:${port}/*` },
          },
        ],
      },
    ],
    validate_clusters: false,
  };
  const filters =
    protocol === 'http'
      ? [manager(`inbound_0.0.0.0_${targetPort}`, { route_config: route }, inboundFilters(proxy, view))]
      : (tcpChain(cluster) as { readonly filters: readonly object[] }).filters;
  const tls = {
    filter_chain_match: {
      destination_port: targetPort,
      transport_protocol: 'tls',
      application_protocols: ['istio', 'istio-peer-exchange', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'],
    },
    filters,
    ...serverTls(),
    name: `0.0.0.0_${targetPort}`,
  };
  const raw = {
    filter_chain_match: { destination_port: targetPort, transport_protocol: 'raw_buffer' },
    filters,
    name: `0.0.0.0_${targetPort}`,
  };
  return mode === 'STRICT' ? [tls] : mode === 'DISABLE' ? [raw] : [tls, raw];
}

/** The nearest PeerAuthentication decides: of the workload, the namespace, the mesh. */
export function mtlsMode(proxy: MeshProxy, view: MeshView): string {
  const policies = view.configuration('PeerAuthentication').filter((policy) => concerns(policy, proxy));
  const rank = (policy: KubeObject): number =>
    (policy.metadata.namespace === proxy.namespace ? 2 : 0) + (Object.keys(objectAt(policy, 'spec', 'selector')).length > 0 ? 1 : 0);
  const modes = [...policies]
    .sort((left, right) => rank(right) - rank(left))
    .flatMap((policy) => stringAt(policy, 'spec', 'mtls', 'mode') ?? []);
  return modes.find((mode) => mode !== 'UNSET') ?? 'PERMISSIVE';
}

const secret = (name: string): object => ({
  name,
  sds_config: {
    api_config_source: {
      api_type: 'GRPC',
      grpc_services: [{ envoy_grpc: { cluster_name: 'sds-grpc' } }],
      set_node_on_first_message_only: true,
      transport_api_version: 'V3',
    },
    initial_fetch_timeout: '0s',
    resource_api_version: 'V3',
  },
});

const downstreamTls = (certificates: object, isMutual: boolean): object => ({
  transport_socket: {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
      common_tls_context: {
        tls_params: { tls_minimum_protocol_version: 'TLSv1_2', tls_maximum_protocol_version: 'TLSv1_3' },
        alpn_protocols: ['h2', 'http/1.1'],
        ...certificates,
      },
      require_client_certificate: isMutual,
    },
  },
});

const serverTls = (): object =>
  downstreamTls(
    {
      tls_certificate_sds_secret_configs: [secret('default')],
      combined_validation_context: {
        default_validation_context: { match_subject_alt_names: [{ prefix: 'spiffe://cluster.local/' }] },
        validation_context_sds_secret_config: secret('ROOTCA'),
      },
    },
    true,
  );

function gatewayListeners(proxy: MeshProxy, view: MeshView): readonly EnvoyListener[] {
  const servers = serversOf(proxy, view);
  const ports = [...new Set(servers.map(({ port }) => listenPort(proxy, port, view)))];
  return ports.map((port) => ({
    '@type': LISTENER,
    name: `0.0.0.0_${port}`,
    address: address('0.0.0.0', port),
    filter_chains: servers
      .filter((server) => listenPort(proxy, server.port, view) === port)
      .map((server) => serverChain(server, proxy, view)),
    listener_filters: servers.some((server) => server.credential && listenPort(proxy, server.port, view) === port)
      ? inspectors().slice(0, 1)
      : [],
    traffic_direction: 'OUTBOUND',
    access_log: [accessLog],
  }));
}

/** Gateways of plain HTTP share one chain of a port; those with TLS are told apart by the name that clients ask for. */
function serverChain(server: GatewayServer, proxy: MeshProxy, view: MeshView): object {
  const port = listenPort(proxy, server.port, view);
  const filters = [manager(`outbound_0.0.0.0_${port}`, { rds: rds(gatewayRouteName(server, proxy, view)) }, outboundFilters(proxy, view))];
  if (server.credential === undefined) return { filters };
  const names = server.hosts.includes('*') ? {} : { filter_chain_match: { server_names: server.hosts } };
  return {
    ...names,
    filters,
    ...downstreamTls({ tls_certificate_sds_secret_configs: [secret(`kubernetes://${server.credential}`)] }, false),
  };
}

const rds = (name: string): object => ({
  config_source: { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' },
  route_config_name: name,
});

const statsFilter = (level: 'http' | 'network'): object => ({
  name: 'istio.stats',
  typed_config: { '@type': 'type.googleapis.com/stats.PluginConfig', ...(level === 'http' ? {} : { disable_host_header_fallback: true }) },
});

const httpFilter = (name: string, type: string, more: object = {}): object => ({
  name: `envoy.filters.http.${name}`,
  typed_config: { '@type': `type.googleapis.com/envoy.extensions.filters.http.${name}.v3.${type}`, ...more },
});

const manager = (prefix: string, routes: object, filters: readonly object[]): object => ({
  name: 'envoy.filters.network.http_connection_manager',
  typed_config: {
    '@type': HCM,
    stat_prefix: statName(prefix),
    ...routes,
    http_filters: filters,
    tracing: { client_sampling: { value: 100 }, random_sampling: { value: 1 }, overall_sampling: { value: 100 } },
    access_log: [accessLog],
    use_remote_address: false,
    upgrade_configs: [{ upgrade_type: 'websocket' }],
    stream_idle_timeout: '0s',
    normalize_path: true,
    request_id_extension: {
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig',
        use_request_id_for_trace_sampling: true,
      },
    },
    path_with_escaped_slashes_action: 'KEEP_UNCHANGED',
  },
});

const ends = (): readonly object[] => [httpFilter('fault', 'HTTPFault'), httpFilter('cors', 'Cors'), statsFilter('http')];

const router = (): object => httpFilter('router', 'Router');

const outboundFilters = (proxy: MeshProxy, view: MeshView): readonly object[] => [
  ...(proxy.type === 'sidecar' ? [] : rbacFilters(proxy, view)),
  httpFilter('grpc_stats', 'FilterConfig', { emit_filter_state: true, stats_for_all_methods: false }),
  { name: 'istio.alpn', typed_config: { '@type': 'type.googleapis.com/istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig' } },
  ...ends(),
  ...insertedFilters(proxy, view, 'outbound'),
  router(),
];

const inboundFilters = (proxy: MeshProxy, view: MeshView): readonly object[] => [
  ...rbacFilters(proxy, view),
  httpFilter('grpc_stats', 'FilterConfig', { emit_filter_state: true, stats_for_all_methods: false }),
  ...ends(),
  ...insertedFilters(proxy, view, 'inbound'),
  router(),
];

const rbacFilters = (proxy: MeshProxy, view: MeshView): readonly object[] =>
  rbacRules(proxy, view).map((rules) => httpFilter('rbac', 'RBAC', rules));
