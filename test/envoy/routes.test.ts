import { describe, expect, it } from 'vitest';
import { routeRows } from '../../src/envoy/routes.ts';
import type { RouteRow } from '../../src/model/proxy-config.ts';

const rowsOf = (...routes: readonly object[]): readonly RouteRow[] =>
  routeRows({
    resource: { name: '80', virtual_hosts: [{ name: 'shop', domains: ['shop', 'shop:80'], routes }] },
    state: 'active',
    version: '1',
    updatedAt: undefined,
  });
const rowOf = (route: object): RouteRow => rowsOf(route)[0] as RouteRow;

describe('a route matches', () => {
  it.each([
    [{ prefix: '/' }, '/*'],
    [{ prefix: '/api' }, '/api*'],
    [{ path: '/login' }, '/login'],
    [{ safe_regex: { regex: '/v[0-9]+' } }, '/v[0-9]+'],
    [{ path_separated_prefix: '/api' }, 'PathPrefix:/api'],
    [{ path_match_policy: { typed_config: { path_template: '/a/*/b' } } }, '/a/*/b'],
    [{ connect_matcher: {} }, '/* CONNECT'],
    [{ prefix: '/', headers: [{ name: ':method', string_match: { exact: 'GET' } }] }, '/* GET'],
    [{ prefix: '/', headers: [{ name: ':method', string_match: { safe_regex: { regex: 'GET|HEAD' } } }] }, '/* GET HEAD'],
    [{ prefix: '/', headers: [{ name: ':method', string_match: { exact: 'GET' }, invert_match: true }] }, '/* !:method=GET'],
    [{ prefix: '/', headers: [{ name: 'user', string_match: { exact: 'jason' } }] }, '/* user=jason'],
    [{ prefix: '/', headers: [{ name: 'user', exact_match: 'jason' }] }, '/* user=jason'],
    [{ prefix: '/', headers: [{ name: 'user', string_match: { prefix: 'ja' } }] }, '/* user=ja*'],
    [{ prefix: '/', headers: [{ name: 'user', string_match: { suffix: 'on' } }] }, '/* user=*on'],
    [{ prefix: '/', headers: [{ name: 'user', string_match: { contains: 'as' } }] }, '/* user=*as*'],
    [{ prefix: '/', headers: [{ name: 'user', string_match: { safe_regex: { regex: 'j.*' } } }] }, '/* user~j.*'],
    [{ prefix: '/', headers: [{ name: 'user', present_match: true }] }, '/* user'],
    [{ prefix: '/', headers: [{ name: 'user', present_match: false }] }, '/* !user'],
    [{ prefix: '/', headers: [{ name: 'age', range_match: { start: '1', end: '9' } }] }, '/* age=1..9'],
    [{ prefix: '/', query_parameters: [{ name: 'q', string_match: { exact: 'x' } }] }, '/* ?q=x'],
    [{ prefix: '/', grpc: {} }, '/* gRPC'],
    [{ prefix: '/x', case_sensitive: false }, '/x* in any case'],
    [{ prefix: '/', headers: [{ name: 'user', string_match: { exact: 'jason', ignore_case: true } }] }, '/* user=jason in any case'],
    [{ prefix: '/', headers: [{ name: 'user', string_match: { exact: '' } }] }, '/* user='],
    [{ prefix: '/', headers: [{ name: 'user', present_match: false, invert_match: true }] }, '/* user'],
    [{ prefix: '/', runtime_fraction: { default_value: { numerator: 5, denominator: 'TEN_THOUSAND' } } }, '/* 0.05%'],
    [{ prefix: '/', runtime_fraction: { default_value: {} } }, '/* 0%'],
    [{ prefix: '/', tls_context: { presented: false } }, '/* no client certificate presented'],
    [
      { prefix: '/', dynamic_metadata: [{ path: [{ key: 'a' }, { key: 'b' }], value: { bool_match: false }, invert: true }] },
      '/* not a.b=false',
    ],
    [{ prefix: '/', filter_state: [{ key: 'peer', string_match: { exact: 'x' } }] }, '/* peer=x'],
    [{ pathSeparatedPrefix: '/camel', queryParameters: [{ name: 'q' }] }, 'PathPrefix:/camel ?q'],
  ])('%j as %s', (match, text) => {
    expect(rowOf({ match, route: { cluster: 'c' } }).match).toBe(text);
  });
});

describe('a route leads', () => {
  it('to one cluster, or to several by weight', () => {
    expect(rowOf({ match: {}, route: { cluster: 'c' } }).destinations).toEqual([{ cluster: 'c' }]);
    const clusters = [
      { name: 'a', weight: 3 },
      { name: 'b', weight: 1 },
    ];
    expect(rowOf({ match: {}, route: { weighted_clusters: { clusters } } }).destinations).toEqual([
      { cluster: 'a', weight: 75 },
      { cluster: 'b', weight: 25 },
    ]);
    expect(rowOf({ match: {}, route: { cluster_header: 'x-to' } }).destinations).toEqual([{ cluster: 'by header x-to' }]);
  });

  it.each([
    [{ redirect: { https_redirect: true } }, '301 https://'],
    [
      { redirect: { host_redirect: 'b.example.com', port_redirect: 8443, path_redirect: '/x', response_code: 'FOUND' } },
      '302 b.example.com:8443/x',
    ],
    [{ redirect: {} }, '301 redirect'],
    [{ redirect: { regex_rewrite: { substitution: '/b/\\1' } } }, '301 /b/\\1'],
    [{ direct_response: { status: 503 } }, '503'],
    [{}, '-'],
  ])('nowhere: %j is %s', (action, text) => {
    expect(rowOf({ match: { prefix: '/' }, ...action })).toMatchObject({ destinations: [], instead: text });
  });

  it('to 404 where its host has no routes', () => {
    expect(rowsOf()).toMatchObject([{ match: '/*', instead: '404', virtualHost: 'shop' }]);
  });

  it('with what is done besides', () => {
    const route = {
      ...{ cluster: 'c', timeout: '2s', retry_policy: { num_retries: 3 }, prefix_rewrite: '/x', host_rewrite_literal: 'h' },
      request_mirror_policies: [{ cluster: 'm' }],
    };
    const row = rowOf({ match: {}, route, typed_per_filter_config: { 'envoy.filters.http.fault': {} } });
    expect(row.extras).toEqual(['timeout 2s', 'retries 3', 'rewrite /x', 'host h', 'mirror m', 'fault']);
    expect(rowOf({ match: {}, route: { cluster: 'c', timeout: '0s' } }).extras).toEqual([]);
  });

  it('from the object that istiod noted, on the route or on its host', () => {
    const metadata = { filter_metadata: { istio: { config: '/apis/networking.istio.io/v1/namespaces/shop/virtual-service/web' } } };
    expect(rowOf({ match: {}, route: { cluster: 'c' }, metadata }).from).toEqual({
      kind: 'VirtualService',
      namespace: 'shop',
      name: 'web',
    });
    expect(rowOf({ match: {}, route: { cluster: 'c' }, metadata: { filter_metadata: { istio: { config: 'odd' } } } }).from).toBeUndefined();
  });
});

describe('a host', () => {
  const hostRows = (host: object): readonly RouteRow[] =>
    routeRows({
      resource: { virtual_hosts: [{ name: 'h', domains: ['*'], ...host }] },
      state: 'active',
      version: '1',
      updatedAt: undefined,
    });
  const route = (cluster: string): object => ({ match: { prefix: '/' }, route: { cluster } });
  const leaf = (type: string, more: object): object => ({
    action: { name: 'a', typed_config: { '@type': `type.googleapis.com/envoy.config.route.v3.${type}`, ...more } },
  });
  const input = {
    name: 'i',
    typed_config: { '@type': 'type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput', header_name: 'user' },
  };
  const single = (value_match: object): object => ({ single_predicate: { input, value_match } });

  it('may find its routes by a tree', () => {
    const matcher = {
      matcher_tree: { input, prefix_match_map: { map: { ja: leaf('Route', route('a')) } } },
      on_no_match: {
        matcher: {
          matcher_list: {
            matchers: [
              {
                predicate: { or_matcher: { predicate: [single({ exact: 'x' }), { not_matcher: single({ suffix: 'y' }) }] } },
                on_match: leaf('RouteList', { routes: [route('b'), route('c')] }),
              },
              {
                predicate: { and_matcher: { predicate: [single({ exact: 'p' }), single({ contains: 'q' })] } },
                on_match: leaf('Route', route('d')),
              },
            ],
          },
          on_no_match: leaf('Route', route('e')),
        },
      },
    };
    expect(hostRows({ matcher }).map(({ match, destinations }) => [match, destinations[0]?.cluster])).toEqual([
      ['/* where user=ja*', 'a'],
      ['/* where (user=x or not user=*y)', 'b'],
      ['/* where (user=x or not user=*y)', 'c'],
      ['/* where user=p and user=*q*', 'd'],
      ['/*', 'e'],
    ]);
  });

  it('may send everybody to TLS', () => {
    expect(hostRows({ require_tls: 'ALL', routes: [route('a')] })).toMatchObject([{ extras: ['only over TLS'] }]);
    expect(hostRows({ require_tls: 'EXTERNAL_ONLY', routes: [route('a')] })).toMatchObject([{ extras: ['from outside only over TLS'] }]);
    expect(hostRows({ require_tls: 'NONE', routes: [route('a')] })).toMatchObject([{ extras: [] }]);
  });
});
