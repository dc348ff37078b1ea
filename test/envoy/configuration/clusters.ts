/** Clusters of every type, and with every way to reach their endpoints. */
import type { Files } from '../envoy.ts';
import { any, assignment, endpoint, extension, SILENT, silentSource } from './any.ts';

const TLS = 'extensions.transport_sockets.tls.v3.UpstreamTlsContext';
const tls = (common_tls_context: object, more: object = {}): object =>
  extension('envoy.transport_sockets.tls', TLS, { common_tls_context, ...more });
const plain = extension('envoy.transport_sockets.raw_buffer', 'extensions.transport_sockets.raw_buffer.v3.RawBuffer');

/** Of Istio: certificates by name from files that are watched. */
const byName = (files: Files): object => ({
  tls_certificate_sds_secret_configs: [{ name: 'default', sds_config: files.source('secrets/default') }],
  validation_context_sds_secret_config: { name: 'ROOTCA', sds_config: files.source('secrets/ROOTCA') },
});

const config = (kind: string): object => ({
  metadata: { filter_metadata: { istio: { config: `/apis/networking.istio.io/v1/namespaces/shop/${kind}` } } },
});

export interface Upstream {
  /** Port on loopback that answers. */
  readonly port: number;
}

export const staticClusters = ({ port }: Upstream): readonly object[] => [
  { name: 'agent', type: 'STATIC', load_assignment: assignment('agent', endpoint('127.0.0.1', port)) },
  {
    name: SILENT,
    type: 'STATIC',
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any('extensions.upstreams.http.v3.HttpProtocolOptions', {
        explicit_http_config: { http2_protocol_options: {} },
      }),
    },
    load_assignment: assignment(SILENT, endpoint('127.0.0.1', 1)),
  },
  {
    name: 'sds-grpc',
    load_assignment: assignment('sds-grpc', { endpoint: { address: { pipe: { path: './etc/socket' } } } }),
  },
];

/** @param certificates PEM in the configuration itself */
export function dynamicClusters(
  files: Files,
  { port }: Upstream,
  certificates: { readonly chain: string; readonly key: string },
): readonly object[] {
  const own = { certificate_chain: { inline_string: certificates.chain }, private_key: { inline_string: certificates.key } };
  const one = (name: string): object => ({ name, type: 'STATIC', load_assignment: assignment(name, endpoint('127.0.0.1', port)) });
  const eds = (name: string, file: string, service_name = name): object => ({
    ...{ name, type: 'EDS' },
    eds_cluster_config: { eds_config: files.source(`endpoints/${file}`), service_name },
  });
  const clusters: readonly object[] = [
    {
      ...eds('outbound|9080||reviews.shop.svc.cluster.local', 'reviews'),
      ...config('destination-rule/reviews'),
      transport_socket_matches: [
        { name: 'tlsMode-istio', match: { tlsMode: 'istio' }, transport_socket: tls(byName(files), { sni: 'reviews' }) },
        { name: 'tlsMode-disabled', match: {}, transport_socket: plain },
      ],
    },
    {
      ...eds('outbound|9080|v1|reviews.shop.svc.cluster.local', 'reviews-v1'),
      transport_socket: tls(byName(files)),
    },
    // EDS calls it otherwise.
    eds('outbound|80||short.shop.svc.cluster.local', 'shared', 'shared'),
    {
      ...one('inbound|9080||'),
      health_checks: [
        {
          timeout: '1s',
          interval: '0.1s',
          no_traffic_interval: '0.1s',
          unhealthy_threshold: 1,
          healthy_threshold: 1,
          tcp_health_check: {},
        },
      ],
      load_assignment: assignment('inbound|9080||', endpoint('127.0.0.1', port), endpoint('127.0.0.1', 1, { load_balancing_weight: 3 })),
    },
    {
      ...one('ejecting'),
      common_lb_config: { healthy_panic_threshold: { value: 0 } },
      outlier_detection: { consecutive_5xx: 1, max_ejection_percent: 100, base_ejection_time: '300s', interval: '300s' },
    },
    {
      name: 'strict-dns',
      type: 'STRICT_DNS',
      dns_lookup_family: 'V4_ONLY',
      load_assignment: assignment('strict-dns', {
        endpoint: { address: { socket_address: { address: 'localhost', port_value: port } }, hostname: 'localhost' },
      }),
    },
    {
      name: 'logical-dns',
      type: 'LOGICAL_DNS',
      dns_lookup_family: 'V4_ONLY',
      load_assignment: assignment('logical-dns', endpoint('localhost', port)),
    },
    { name: 'PassthroughCluster', type: 'ORIGINAL_DST', lb_policy: 'CLUSTER_PROVIDED' },
    { name: 'BlackHoleCluster', type: 'STATIC' },
    {
      name: 'aggregate',
      lb_policy: 'CLUSTER_PROVIDED',
      cluster_type: extension('envoy.clusters.aggregate', 'extensions.clusters.aggregate.v3.ClusterConfig', {
        clusters: ['agent', 'strict-dns'],
      }),
    },
    {
      name: 'dynamic-forward-proxy',
      lb_policy: 'CLUSTER_PROVIDED',
      cluster_type: extension('envoy.clusters.dynamic_forward_proxy', 'extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig', {
        dns_cache_config: { name: 'names', dns_lookup_family: 'V4_ONLY' },
      }),
    },
    {
      name: 'by-dns-cluster',
      lb_policy: 'ROUND_ROBIN',
      cluster_type: extension('envoy.cluster.dns', 'extensions.clusters.dns.v3.DnsCluster', { dns_lookup_family: 'V4_ONLY' }),
      load_assignment: assignment('by-dns-cluster', endpoint('localhost', port)),
    },
    { ...one('tls-inline'), transport_socket: tls({ tls_certificates: [own] }) },
    { ...one('tls-simple'), transport_socket: tls({ validation_context: { trusted_ca: { inline_string: certificates.chain } } }) },
    {
      ...one('tls-by-spiffe'),
      transport_socket: tls({ validation_context_sds_secret_config: { name: 'SPIFFE', sds_config: files.source('secrets/SPIFFE') } }),
    },
    {
      ...one('tls-combined'),
      transport_socket: tls({
        combined_validation_context: {
          default_validation_context: { match_typed_subject_alt_names: [{ san_type: 'URI', matcher: { exact: 'spiffe://td/ns/a/sa/b' } }] },
          validation_context_sds_secret_config: { name: 'ROOTCA', sds_config: files.source('secrets/ROOTCA') },
        },
      }),
    },
    {
      ...one('tls-behind-proxy-protocol'),
      transport_socket: extension(
        'envoy.transport_sockets.upstream_proxy_protocol',
        'extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport',
        { config: { version: 'V2' }, transport_socket: tls(byName(files)) },
      ),
    },
    {
      ...one('tls-behind-tap'),
      transport_socket: extension('envoy.transport_sockets.tap', 'extensions.transport_sockets.tap.v3.Tap', {
        common_config: { admin_config: { config_id: 'upstream' } },
        transport_socket: tls(byName(files)),
      }),
    },
    {
      ...one('plain-behind-internal'),
      transport_socket: extension(
        'envoy.transport_sockets.internal_upstream',
        'extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport',
        { transport_socket: plain },
      ),
      load_assignment: assignment('plain-behind-internal', {
        endpoint: { address: { envoy_internal_address: { server_listener_name: 'connect_originate', endpoint_id: '10.0.0.7:9080' } } },
      }),
    },
    {
      ...one('starts-tls'),
      transport_socket: extension('envoy.transport_sockets.starttls', 'extensions.transport_sockets.starttls.v3.UpstreamStartTlsConfig', {
        tls_socket_config: { common_tls_context: {} },
      }),
    },
    {
      ...one('by-quic'),
      transport_socket: extension('envoy.transport_sockets.quic', 'extensions.transport_sockets.quic.v3.QuicUpstreamTransport', {
        upstream_tls_context: { common_tls_context: {}, sni: 'a' },
      }),
      typed_extension_protocol_options: {
        'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any('extensions.upstreams.http.v3.HttpProtocolOptions', {
          explicit_http_config: { http3_protocol_options: {} },
        }),
      },
    },
  ];
  return clusters.map((each) => any('config.cluster.v3.Cluster', { connect_timeout: '1s', ...each }));
}

/** Ones that wait for what never comes. */
export const warmingClusters: readonly object[] = [
  { name: 'waits-for-endpoints', type: 'EDS', eds_cluster_config: { eds_config: silentSource } },
  {
    ...{ name: 'waits-for-secret', type: 'STATIC', load_assignment: assignment('waits-for-secret', endpoint('127.0.0.1', 1)) },
    transport_socket: tls({ tls_certificate_sds_secret_configs: [{ name: 'never', sds_config: silentSource }] }),
  },
].map((each) => any('config.cluster.v3.Cluster', each));

/** Of EDS, by file. */
export function endpoints({ port }: Upstream): Readonly<Record<string, object>> {
  const load = (cluster_name: string, ...localities: readonly object[]): object =>
    any('config.endpoint.v3.ClusterLoadAssignment', { cluster_name, endpoints: localities });
  return {
    reviews: load(
      'outbound|9080||reviews.shop.svc.cluster.local',
      {
        locality: { region: 'eu', zone: 'eu-1', sub_zone: 'a' },
        load_balancing_weight: 2,
        lb_endpoints: [
          endpoint('127.0.0.1', port, {
            load_balancing_weight: 5,
            metadata: { filter_metadata: { 'envoy.transport_socket_match': { tlsMode: 'istio' } } },
          }),
          endpoint('127.0.0.2', port, { health_status: 'UNHEALTHY' }),
          endpoint('127.0.0.3', port, { health_status: 'DRAINING' }),
        ],
      },
      { locality: { region: 'us' }, priority: 1, lb_endpoints: [endpoint('::1', port, { health_status: 'DEGRADED' })] },
    ),
    'reviews-v1': load('outbound|9080|v1|reviews.shop.svc.cluster.local'),
    shared: load('shared', { lb_endpoints: [endpoint('127.0.0.1', port, { health_status: 'TIMEOUT' })] }),
  };
}
