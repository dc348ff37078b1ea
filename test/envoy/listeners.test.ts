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
