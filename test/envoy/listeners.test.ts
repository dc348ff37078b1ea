import { describe, expect, it } from 'vitest';
import { listenerRow } from '../../src/envoy/listeners.ts';
import type { ListenerRow } from '../../src/model/proxy-config.ts';

const any = (type: string, more: object = {}): object => ({ '@type': `type.googleapis.com/envoy.extensions.filters.${type}`, ...more });
const http = (more: object): object => ({
  name: 'envoy.filters.network.http_connection_manager',
  typed_config: any('network.http_connection_manager.v3.HttpConnectionManager', more),
});
const tcp = (more: object): object => ({
  name: 'envoy.filters.network.tcp_proxy',
  typed_config: any('network.tcp_proxy.v3.TcpProxy', more),
});
const rowOf = (listener: object): ListenerRow =>
  listenerRow({ resource: { name: 'l', ...listener }, state: 'active', version: '1', updatedAt: undefined });
const address = { socket_address: { address: '0.0.0.0', port_value: 80 } };
const matchOf = (filter_chain_match: object): string | undefined =>
  rowOf({ address, filter_chains: [{ filter_chain_match, filters: [tcp({ cluster: 'c' })] }] }).chains[0]?.match;
const destinationOf = (filter: object): string | undefined =>
  rowOf({ address, filter_chains: [{ filters: [filter] }] }).chains[0]?.destination;

describe('a filter chain matches', () => {
  it.each([
    [{}, 'ALL'],
    [{ transport_protocol: 'tls' }, 'Trans: tls'],
    [{ server_names: ['a', 'b'] }, 'SNI: a,b'],
    [{ application_protocols: ['http/1.1', 'h2c'] }, 'App: HTTP'],
    [{ application_protocols: ['h2', 'http/1.1'] }, 'App: HTTP TLS'],
    [{ application_protocols: ['istio-peer-exchange', 'istio'] }, 'App: TCP TLS'],
    [{ application_protocols: ['other'] }, 'App: other'],
    [{ destination_port: 9080 }, 'Addr: *:9080'],
    [{ prefix_ranges: [{ address_prefix: '10.0.0.1', prefix_len: 32 }], destination_port: 80 }, 'Addr: 10.0.0.1/32:80'],
    [{ source_prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] }, 'From: 10.0.0.0/8'],
    [{ source_type: 'SAME_IP_OR_LOOPBACK' }, 'From: this host'],
    [{ source_type: 'EXTERNAL', source_ports: [1, 2] }, 'From ports: 1,2; From: other hosts'],
    [{ direct_source_prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] }, 'From directly: 10.0.0.0/8'],
    [{ address_suffix: '0.1', suffix_len: 16 }, 'Addr: *0.1/16'],
    [{ transportProtocol: 'raw_buffer', destinationPort: 15006 }, 'Trans: raw_buffer; Addr: *:15006'],
  ])('%j as %s', (match, text) => {
    expect(matchOf(match)).toBe(text);
  });
});

describe('a filter chain leads', () => {
  it.each([
    [http({ rds: { route_config_name: '9080' } }), 'Route: 9080'],
    [http({ scoped_routes: {} }), 'Routes: scoped'],
    [tcp({ cluster: 'c' }), 'Cluster: c'],
    [tcp({ cluster: 'PassthroughCluster' }), 'PassthroughCluster'],
    [
      tcp({
        weighted_clusters: {
          clusters: [
            { name: 'a', weight: 1 },
            { name: 'b', weight: 3 },
          ],
        },
      }),
      'Clusters: a 25%, b 75%',
    ],
    [{ name: 'other', typed_config: any('network.other.v3.Other') }, 'Non-HTTP/Non-TCP'],
  ])('%#', (filter, text) => {
    expect(destinationOf(filter)).toBe(text);
  });

  it('by routes of its own', () => {
    const routes = (...each: readonly object[]): object => http({ route_config: { virtual_hosts: [{ routes: each }] } });
    const one = { match: { prefix: '/ready' }, route: { cluster: 'agent' } };
    expect(destinationOf(routes(one))).toBe('Inline Route: /ready*');
    expect(destinationOf(routes({ match: { prefix: '/' }, route: { cluster: 'c' } }))).toBe('Cluster: c');
  });
});

describe('a listener', () => {
  it('has addresses, a type, and a chain for the rest', () => {
    const row = rowOf({
      address,
      additional_addresses: [{ address: { socket_address: { address: '::', port_value: 80 } } }],
      traffic_direction: 'OUTBOUND',
      filter_chains: [{ filters: [http({ rds: { route_config_name: '80' } })] }],
      default_filter_chain: { name: 'rest', filters: [tcp({ cluster: 'PassthroughCluster' })] },
    });
    expect(row).toMatchObject({ addresses: ['0.0.0.0:80', '[::]:80'], port: 80, type: 'HTTP+TCP', direction: 'OUTBOUND' });
    expect(row.chains.map(({ match, destination }) => [match, destination])).toEqual([
      ['ALL', 'Route: 80'],
      ['ALL', 'PassthroughCluster'],
    ]);
    expect(rowOf({ address: { pipe: { path: '/run/x' } } })).toMatchObject({
      addresses: ['unix:///run/x'],
      port: 0,
      type: 'UNKNOWN',
      chains: [],
    });
  });

  it('tells who may come in', () => {
    const policies = {
      'ns[shop]-policy[web]-rule[0]': {
        principals: [
          {
            and_ids: {
              ids: [
                {
                  or_ids: {
                    ids: [
                      { authenticated: { principal_name: { exact: 'spiffe://td/ns/a/sa/b' } } },
                      { remote_ip: { address_prefix: '10.0.0.0', prefix_len: 8 } },
                    ],
                  },
                },
                { not_id: { authenticated: { principal_name: { prefix: 'spiffe://td/ns/bad/' } } } },
              ],
            },
          },
        ],
        permissions: [
          {
            and_rules: {
              rules: [
                { header: { name: ':method', string_match: { exact: 'GET' } } },
                { url_path: { path: { prefix: '/api' } } },
                { destination_port: 80 },
              ],
            },
          },
        ],
      },
      open: { principals: [{ any: true }], permissions: [{ any: true }] },
    };
    const rbac = { name: 'envoy.filters.http.rbac', typed_config: any('http.rbac.v3.RBAC', { rules: { action: 'DENY', policies } }) };
    const closed = { name: 'envoy.filters.http.rbac', typed_config: any('http.rbac.v3.RBAC', { rules: {} }) };
    const dry = {
      name: 'r',
      typed_config: any('http.rbac.v3.RBAC', {
        shadow_rules: { action: 'DENY', policies: { p: { principals: [{ any: true }], permissions: [{ any: true }] } } },
      }),
    };
    const jwt = {
      name: 'envoy.filters.http.jwt_authn',
      typed_config: any('http.jwt_authn.v3.JwtAuthentication', {
        providers: { p: { issuer: 'https://i', audiences: ['a'], remote_jwks: { http_uri: { uri: 'https://i/keys' } } } },
      }),
    };
    const [chain] = rowOf({ address, filter_chains: [{ filters: [http({ http_filters: [rbac, closed, dry, jwt] })] }] }).chains;
    expect(chain?.filters.slice(1).map(({ title, details }) => [title, ...details])).toEqual([
      [
        'RBAC DENY',
        'ns[shop]-policy[web]-rule[0]: from ((spiffe://td/ns/a/sa/b or 10.0.0.0/8) and not spiffe://td/ns/bad/*) to (:method=GET and path=/api* and port 80)',
        'open: from any to any',
      ],
      ['RBAC ALLOW', 'nothing matches'],
      ['RBAC dry run DENY', 'dry run: p: from any to any'],
      ['JWT', 'issuer https://i, audiences a, keys https://i/keys'],
    ]);
  });
});

describe('a tree of a listener', () => {
  const input = (kind: string): object => ({ name: kind, typed_config: any(`matching.common_inputs.network.v3.${kind}Input`) });
  const pick = (value: string): object => ({
    action: { name: value, typed_config: { '@type': 'type.googleapis.com/google.protobuf.StringValue', value } },
  });
  const named = (name: string): object => ({ name, filters: [tcp({ cluster: name })] });

  it('tells which chain takes what', () => {
    const byPort = (map: object): object => ({ matcher: { matcher_tree: { input: input('DestinationPort'), exact_match_map: { map } } } });
    const byProtocol = {
      matcher: {
        matcher_tree: {
          input: input('ApplicationProtocol'),
          exact_match_map: { map: { "'h2c'": pick('http'), "'http/1.1'": pick('http') } },
        },
        on_no_match: pick('tcp'),
      },
    };
    const ranges = (address_prefix: string): object => ({ ranges: [{ address_prefix, prefix_len: 32 }] });
    const custom = {
      range_matchers: [
        { ...ranges('10.0.0.1'), on_match: byPort({ 80: pick('web'), 8080: pick('web') }) },
        { ...ranges('10.0.0.2'), on_match: byProtocol },
      ],
    };
    const row = rowOf({
      internal_listener: {},
      filter_chain_matcher: { matcher_tree: { input: input('DestinationIP'), custom_match: { name: 'ip', typed_config: custom } } },
      filter_chains: ['web', 'http', 'tcp', 'unused'].map(named),
      default_filter_chain: named('rest'),
    });
    expect(row.addresses).toEqual(['envoy://l']);
    expect(row.chains.map(({ name, match }) => [name, match])).toEqual([
      ['web', 'Addr: 10.0.0.1/32:80 or Addr: 10.0.0.1/32:8080'],
      ['http', 'App: HTTP; Addr: 10.0.0.2/32'],
      ['tcp', 'Addr: 10.0.0.2/32'],
      ['unused', 'nothing'],
      ['rest', 'ALL'],
    ]);
  });

  it('may look at anything, and sends datagrams', () => {
    const names = { domain_matchers: [{ domains: ['*.example.com'], on_match: pick('web') }] };
    const matcher = {
      matcher_tree: { input: input('ServerName'), custom_match: { name: 'sni', typed_config: names } },
      on_no_match: { matcher: { matcher_tree: { input: input('SourcePort'), exact_match_map: { map: { 5: pick('web') } } } } },
    };
    expect(rowOf({ address, filter_chain_matcher: matcher, filter_chains: [named('web')] }).chains[0]?.match).toBe(
      'SNI: *.example.com or SourcePort: 5',
    );
    const udp = (more: object): object => ({
      name: 'envoy.filters.udp_listener.udp_proxy',
      typed_config: any('udp.udp_proxy.v3.UdpProxyConfig', more),
    });
    const at = { socket_address: { protocol: 'UDP', address: '0.0.0.0', port_value: 53 } };
    const route = { action: { name: 'r', typed_config: any('udp.udp_proxy.v3.Route', { cluster: 'dns' }) } };
    for (const filter of [udp({ cluster: 'dns' }), udp({ matcher: { on_no_match: route } })])
      expect(rowOf({ address: at, listener_filters: [filter] })).toMatchObject({
        type: 'UDP',
        chains: [{ match: 'ALL', destination: 'Cluster: dns' }],
      });
  });
});

describe('a policy', () => {
  const rowsOf = (config: object) =>
    rowOf({
      address,
      filter_chains: [{ filters: [http({ http_filters: [{ name: 'r', typed_config: any('http.rbac.v3.RBAC', config) }] })] }],
    }).chains[0]?.filters[1];
  const policyOf = (principal: object, permission: object) =>
    rowsOf({ rules: { action: 'DENY', policies: { p: { principals: [principal], permissions: [permission] } } } })?.details[0];
  const claim = (value: object): object => ({ metadata: { path: [{ key: 'claims' }, { key: 'g' }], value } });

  it.each([
    [claim({ list_match: { one_of: { string_match: { exact: 'x' } } } }), 'claims.g=x'],
    [claim({ or_match: { value_matchers: [{ string_match: { exact: 'x' } }, { null_match: {} }] } }), 'claims.g=x or =null'],
    [claim({ double_match: { exact: 2 } }), 'claims.g=2'],
    [claim({ present_match: true }), 'claims.g'],
    [
      { sourced_metadata: { metadata_matcher: { path: [{ key: 'k' }], value: { string_match: { exact: 'v' } } }, invert_match: true } },
      'not k=v',
    ],
    [{ header: { name: 'a', string_match: { safe_regex: { regex: 'x.*' } }, invert_match: true } }, 'not a~x.*'],
    [{ custom: { name: 'c', typed_config: any('rbac.principals.mtls_authenticated.v3.Config') } }, 'Config'],
  ])('from %j', (principal, words) => {
    expect(policyOf(principal, { any: true })).toBe(`p: from ${words} to any`);
  });

  it.each([
    [{ destination_port_range: { start: 80, end: 90 } }, 'ports 80 to 89'],
    [{ uri_template: { name: 't', typed_config: { path_template: '/a/*' } } }, 'path=/a/*'],
    [{ header: { name: 'a', range_match: { start: '1', end: '3' } } }, 'a=1..3'],
  ])('to %j', (permission, words) => {
    expect(policyOf({ any: true }, permission)).toBe(`p: from any to ${words}`);
  });

  it('may be a tree, may be missing, and may come on its own', () => {
    const action = (name: string, more: object = {}): object => ({ action: { name, typed_config: { name, ...more } } });
    const matcher = {
      matcher_list: {
        matchers: [
          { predicate: { single_predicate: { input: { name: 'ip' }, value_match: { exact: '10.0.0.1' } } }, on_match: action('friend') },
        ],
      },
      on_no_match: action('others', { action: 'DENY' }),
    };
    expect(rowsOf({ matcher })).toMatchObject({
      title: 'RBAC by conditions',
      details: ['ALLOW friend: ip=10.0.0.1', 'DENY others: anything else'],
    });
    expect(rowsOf({ shadow_matcher: matcher })).toMatchObject({ title: 'RBAC dry run by conditions' });
    expect(rowsOf({})).toMatchObject({ title: 'RBAC without rules', details: [] });
    const delivered = (type: string) =>
      rowOf({
        address,
        filter_chains: [
          {
            filters: [
              http({
                http_filters: [{ name: 'd', config_discovery: { type_urls: [`type.googleapis.com/envoy.extensions.filters.${type}`] } }],
              }),
            ],
          },
        ],
      }).chains[0]?.filters[1]?.title;
    expect([delivered('http.rbac.v3.RBAC'), delivered('http.jwt_authn.v3.JwtAuthentication'), delivered('http.wasm.v3.Wasm')]).toEqual([
      'RBAC by ECDS',
      'JWT by ECDS',
      'd',
    ]);
  });
});
