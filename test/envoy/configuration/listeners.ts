/** Listeners of every form. Those that take no connections in a test are not bound to their ports. */
import type { Files } from '../envoy.ts';
import { any, extension, silentSource, socket } from './any.ts';
import { accessLog, deliveredNetworkFilter, http, httpFilters, networkRbac, openRules, router, tapFilter, tcp } from './filters.ts';
import type { Keys } from './secrets.ts';

const LISTENER = 'extensions.filters.listener';
const inspectTls = extension('envoy.filters.listener.tls_inspector', `${LISTENER}.tls_inspector.v3.TlsInspector`);
const inspectHttp = extension('envoy.filters.listener.http_inspector', `${LISTENER}.http_inspector.v3.HttpInspector`);
const originalDst = extension('envoy.filters.listener.original_dst', `${LISTENER}.original_dst.v3.OriginalDst`);

const unbound = (address: string, port: number): object => ({ address: socket(address, port), bind_to_port: false });
const chain = (filters: readonly object[], filter_chain_match: object = {}, more: object = {}): object => ({
  ...(Object.keys(filter_chain_match).length > 0 ? { filter_chain_match } : {}),
  filters,
  ...more,
});
const routes = (config: object): object => ({ route_config: config });
const everything = (cluster: string): object => ({
  virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster } }] }],
});

const serverTls = (common_tls_context: object): object => ({
  transport_socket: extension('envoy.transport_sockets.tls', 'extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
    common_tls_context,
  }),
});

const MUTUAL = ['istio-peer-exchange', 'istio', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'];

export const staticListeners: readonly object[] = [
  {
    address: socket('127.0.0.1', 0),
    filter_chains: [
      chain([
        http('agent', {
          ...accessLog,
          ...routes({
            validate_clusters: false,
            virtual_hosts: [
              {
                name: 'backend',
                domains: ['*'],
                routes: [
                  { match: { prefix: '/fails' }, route: { cluster: 'ejecting' } },
                  { match: { path: '/healthz/ready' }, route: { cluster: 'agent' } },
                ],
              },
            ],
          }),
        }),
      ]),
    ],
  },
];

const rds = (files: Files, route_config_name: string): object => ({
  rds: { config_source: files.source(`routes/${route_config_name}`), route_config_name },
});

function inbound(files: Files, keys: Keys): object {
  const own = serverTls({
    tls_certificate_sds_secret_configs: [{ name: 'default', sds_config: files.source('secrets/default') }],
    combined_validation_context: {
      default_validation_context: {},
      validation_context_sds_secret_config: { name: 'ROOTCA', sds_config: files.source('secrets/ROOTCA') },
    },
    alpn_protocols: ['h2', 'http/1.1'],
  });
  const inline = serverTls({
    tls_certificates: [{ certificate_chain: { inline_string: keys.chain }, private_key: { inline_string: keys.key } }],
  });
  return {
    name: 'virtualInbound',
    ...unbound('0.0.0.0', 15_006),
    traffic_direction: 'INBOUND',
    listener_filters: [originalDst, inspectTls, inspectHttp],
    ...accessLog,
    filter_chains: [
      chain([tcp('black', { cluster: 'BlackHoleCluster' })], { destination_port: 15_006 }, { name: 'virtualInbound-blackhole' }),
      chain(
        [
          networkRbac('tcp.', openRules),
          http('inbound_0.0.0.0_9080', { ...routes(everything('inbound|9080||')), http_filters: httpFilters(files) }),
        ],
        { destination_port: 9080, transport_protocol: 'tls', application_protocols: MUTUAL },
        { name: '0.0.0.0_9080', ...own },
      ),
      chain(
        [tcp('tcp', { cluster: 'inbound|9080||' })],
        { destination_port: 9080, transport_protocol: 'tls', server_names: ['a.example.com', '*.b.example.com'] },
        { name: 'sni', ...inline },
      ),
      chain(
        [deliveredNetworkFilter(files), tcp('plain', { cluster: 'inbound|9080||' })],
        {
          destination_port: 9080,
          transport_protocol: 'raw_buffer',
          source_prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }],
        },
        { name: 'plain' },
      ),
      chain(
        [tcp('ranges', { cluster: 'PassthroughCluster' })],
        {
          prefix_ranges: [
            { address_prefix: '10.1.0.1', prefix_len: 32 },
            { address_prefix: 'fd00::', prefix_len: 64 },
            { address_prefix: '0.0.0.0', prefix_len: 0 },
          ],
          direct_source_prefix_ranges: [{ address_prefix: '10.2.0.0', prefix_len: 16 }],
          source_ports: [5000, 5001],
        },
        { name: 'ranges' },
      ),
      chain([tcp('local', { cluster: 'PassthroughCluster' })], { source_type: 'SAME_IP_OR_LOOPBACK' }, { name: 'local' }),
      chain(
        [extension('envoy.filters.network.echo', 'extensions.filters.network.echo.v3.Echo')],
        { source_type: 'EXTERNAL', application_protocols: ['http/1.1', 'h2c'] },
        { name: 'other' },
      ),
    ],
  };
}

const pick = (name: string): object => ({
  action: { name, typed_config: { '@type': 'type.googleapis.com/google.protobuf.StringValue', value: name } },
});
const NETWORK = 'extensions.matching.common_inputs.network.v3';
const input = (name: string): object => extension(name, `${NETWORK}.${name}`);

/** As Istio's waypoints have it: by address, then by port. */
const byTree = {
  matcher_tree: {
    input: input('DestinationIPInput'),
    exact_match_map: {
      map: {
        '10.96.0.7': {
          matcher: {
            matcher_tree: {
              input: input('DestinationPortInput'),
              exact_match_map: { map: { '80': pick('vip-80'), '8080': pick('vip-8080') } },
            },
          },
        },
      },
    },
  },
  on_no_match: {
    matcher: {
      matcher_tree: {
        input: input('DestinationIPInput'),
        custom_match: {
          name: 'ranges',
          typed_config: {
            '@type': 'type.googleapis.com/xds.type.matcher.v3.IPMatcher',
            range_matchers: [{ ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }], on_match: pick('pods') }],
          },
        },
      },
    },
  },
};

const RECORDING = { record_headers_received_time: true, record_downstream_connection: true };

export function dynamicListeners(files: Files, keys: Keys): readonly object[] {
  const scopes = (more: object): object => ({
    scoped_routes: {
      name: 'scopes',
      scope_key_builder: {
        fragments: [{ header_value_extractor: { name: 'x', element_separator: ';', element: { key: 'a', separator: '=' } } }],
      },
      ...more,
    },
  });
  const listeners: readonly object[] = [
    {
      name: 'virtualOutbound',
      ...unbound('0.0.0.0', 15_001),
      additional_addresses: [{ address: socket('::', 15_001) }],
      traffic_direction: 'OUTBOUND',
      use_original_dst: true,
      filter_chains: [
        chain([tcp('black', { cluster: 'BlackHoleCluster' })], { destination_port: 15_001 }, { name: 'virtualOutbound-blackhole' }),
      ],
      default_filter_chain: chain([tcp('pass', { cluster: 'PassthroughCluster' })], {}, { name: 'virtualOutbound-catchall-tcp' }),
    },
    inbound(files, keys),
    {
      name: '10.96.0.1_443',
      ...unbound('10.96.0.1', 443),
      traffic_direction: 'OUTBOUND',
      filter_chains: [
        chain([
          tcp('split', {
            weighted_clusters: {
              clusters: [
                { name: 'agent', weight: 1 },
                { name: 'strict-dns', weight: 3 },
              ],
            },
          }),
        ]),
      ],
    },
    {
      name: '0.0.0.0_80',
      ...unbound('0.0.0.0', 80),
      filter_chains: [chain([http('80', rds(files, '80'))]), chain([http('9080', rds(files, '9080'))], { destination_port: 9080 })],
    },
    {
      name: 'scoped',
      ...unbound('0.0.0.0', 8081),
      filter_chains: [
        chain([
          http(
            'scoped',
            scopes({
              rds_config_source: files.source('routes/scoped-routes'),
              scoped_rds: { scoped_rds_config_source: files.source('scopes') },
            }),
          ),
        ]),
      ],
    },
    {
      name: 'scoped-inline',
      ...unbound('0.0.0.0', 8082),
      filter_chains: [
        chain([
          http(
            'inline',
            scopes({
              rds_config_source: files.source('routes/scoped-routes'),
              scoped_route_configurations_list: {
                scoped_route_configurations: [
                  {
                    name: 'one',
                    key: { fragments: [{ string_key: 'one' }] },
                    route_configuration: { name: 'in-scope', ...everything('agent') },
                  },
                ],
              },
            }),
          ),
        ]),
      ],
    },
    {
      name: 'inline-several',
      ...unbound('0.0.0.0', 8083),
      filter_chains: [
        chain([
          http(
            'several',
            routes({
              name: 'several',
              virtual_hosts: [
                {
                  name: 'v',
                  domains: ['*'],
                  routes: [
                    { match: { path: '/a' }, route: { cluster: 'agent' } },
                    { match: { prefix: '/b' }, direct_response: { status: 404 } },
                  ],
                },
              ],
            }),
          ),
        ]),
      ],
    },
    {
      name: 'connect_originate',
      internal_listener: {},
      filter_chains: [
        chain([tcp('originate', { cluster: 'PassthroughCluster', tunneling_config: { hostname: '%DOWNSTREAM_LOCAL_ADDRESS%' } })]),
      ],
    },
    {
      name: 'main_internal',
      internal_listener: {},
      filter_chain_matcher: byTree,
      filter_chains: ['vip-80', 'vip-8080', 'pods'].map((name) => chain([tcp(name, { cluster: 'agent' })], {}, { name })),
      default_filter_chain: chain([tcp('rest', { cluster: 'BlackHoleCluster' })], {}, { name: 'rest' }),
    },
    {
      name: 'dns',
      address: socket('127.0.0.1', 0, { protocol: 'UDP' }),
      listener_filters: [
        extension('envoy.filters.udp_listener.udp_proxy', 'extensions.filters.udp.udp_proxy.v3.UdpProxyConfig', {
          stat_prefix: 'dns',
          matcher: {
            on_no_match: { action: extension('route', 'extensions.filters.udp.udp_proxy.v3.Route', { cluster: 'agent' }) },
          },
        }),
      ],
    },
    {
      name: 'quic',
      address: socket('127.0.0.1', 0, { protocol: 'UDP' }),
      udp_listener_config: { quic_options: {} },
      filter_chains: [
        chain(
          [http('quic', { codec_type: 'HTTP3', ...routes(everything('agent')) })],
          {},
          {
            transport_socket: extension('envoy.transport_sockets.quic', 'extensions.transport_sockets.quic.v3.QuicDownstreamTransport', {
              downstream_tls_context: {
                common_tls_context: {
                  tls_certificate_sds_secret_configs: [{ name: 'default', sds_config: files.source('secrets/default') }],
                },
              },
            }),
          },
        ),
      ],
    },
    {
      name: 'socket-file',
      address: { pipe: { path: files.path('listener.sock') } },
      filter_chains: [chain([tcp('pipe', { cluster: 'agent' })])],
    },
    {
      name: 'tapped',
      address: socket('127.0.0.1', 0),
      traffic_direction: 'INBOUND',
      filter_chains: [chain([http('tapped', { ...routes(everything('agent')), http_filters: [tapFilter('meshctl', RECORDING), router] })])],
    },
  ];
  return listeners.map((each) => any('config.listener.v3.Listener', each));
}

export const scopes: readonly object[] = [
  any('config.route.v3.ScopedRouteConfiguration', {
    name: 'shop',
    route_configuration_name: 'scoped-routes',
    key: { fragments: [{ string_key: 'shop' }] },
  }),
];

/** One that waits for routes that never come. */
export const warmingListener = any('config.listener.v3.Listener', {
  name: 'waits-for-routes',
  ...unbound('0.0.0.0', 8099),
  filter_chains: [chain([http('waits', { rds: { config_source: silentSource, route_config_name: 'never' } })])],
});

/** One that no Envoy takes, for a filter that it does not have. */
export const wrongListener = (name: string): object =>
  any('config.listener.v3.Listener', {
    name,
    ...unbound('0.0.0.0', 8100),
    filter_chains: [chain([http('wrong', { ...routes(everything('agent')), http_filters: [UNKNOWN_FILTER, router] })])],
  });

const UNKNOWN_FILTER = {
  name: 'example.filters.http.quota',
  typed_config: {
    '@type': 'type.googleapis.com/xds.type.v3.TypedStruct',
    type_url: 'type.googleapis.com/example.filters.http.quota.v1.Quota',
    value: {},
  },
};
