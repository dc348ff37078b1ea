/** Route configurations with every way to match, and everything that a route may do. */
import { any, extension } from './any.ts';

const to = (cluster: string, more: object = {}): object => ({ route: { cluster, ...more } });
const prefix = (value: string, more: object = {}): object => ({ match: { prefix: value, ...more } });
const header = (name: string, more: object): object => ({ name, ...more });
const config = { metadata: { filter_metadata: { istio: { config: '/apis/networking.istio.io/v1/namespaces/shop/virtual-service/web' } } } };

/** Paths, headers, methods and the rest of what a match asks for. */
const matches: readonly object[] = [
  { match: { path: '/login' } },
  { match: { safe_regex: { regex: '/v[0-9]+/.*' } } },
  { match: { path_separated_prefix: '/api' } },
  {
    match: {
      path_match_policy: extension(
        'envoy.path.match.uri_template.uri_template_matcher',
        'extensions.path.match.uri_template.v3.UriTemplateMatchConfig',
        {
          path_template: '/users/{id}/**',
        },
      ),
    },
  },
  { match: { connect_matcher: {} } },
  { match: { prefix: '/case', case_sensitive: false } },
  prefix('/h1', { headers: [header(':method', { string_match: { exact: 'GET' } }), header('user', { string_match: { exact: 'jason' } })] }),
  prefix('/h2', { headers: [header(':method', { string_match: { safe_regex: { regex: 'GET|HEAD' } } })] }),
  prefix('/h3', { headers: [header('user', { string_match: { prefix: 'ja', ignore_case: true }, invert_match: true })] }),
  prefix('/h4', { headers: [header('user', { present_match: true }), header('bot', { present_match: false })] }),
  prefix('/h5', { headers: [header('age', { range_match: { start: '1', end: '9' } })] }),
  prefix('/h6', { headers: [header('user', { string_match: { suffix: 'on' } }), header('tag', { string_match: { contains: 'x' } })] }),
  prefix('/q', {
    query_parameters: [
      { name: 'q', string_match: { exact: 'x' } },
      { name: 'page', present_match: true },
    ],
  }),
  prefix('/grpc', { grpc: {} }),
  prefix('/some', { runtime_fraction: { default_value: { numerator: 10 } } }),
  prefix('/meta', { dynamic_metadata: [{ filter: 'jwt', path: [{ key: 'group' }], value: { string_match: { exact: 'admin' } } }] }),
  prefix('/tls', { tls_context: { presented: true } }),
].map((each) => ({ ...each, ...to('agent') }));

/** What routes do. */
const actions: readonly object[] = [
  { ...prefix('/weighted'), ...weighted({ name: 'agent', weight: 80 }, { name: 'strict-dns', weight: 20 }), ...config, name: 'split' },
  { ...prefix('/by-header-weighted'), ...weighted({ cluster_header: 'x-to', weight: 1 }) },
  { ...prefix('/by-header'), route: { cluster_header: 'x-cluster' } },
  { ...prefix('/redirect'), redirect: { https_redirect: true, response_code: 'PERMANENT_REDIRECT' } },
  { ...prefix('/moved'), redirect: { host_redirect: 'b.example.com', port_redirect: 8443, path_redirect: '/x', response_code: 'FOUND' } },
  { ...prefix('/regex-moved'), redirect: { regex_rewrite: { pattern: { regex: '/a/(.*)' }, substitution: '/b/\\1' }, strip_query: true } },
  { ...prefix('/direct'), direct_response: { status: 503, body: { inline_string: 'closed' } } },
  { ...prefix('/nothing'), non_forwarding_action: {} },
  {
    ...prefix('/all'),
    ...to('agent', {
      ...{
        timeout: '2.500s',
        prefix_rewrite: '/',
        host_rewrite_literal: 'h',
        retry_policy: { retry_on: '5xx', num_retries: 3, per_try_timeout: '1s' },
      },
      request_mirror_policies: [{ cluster: 'strict-dns', runtime_fraction: { default_value: { numerator: 50 } } }],
      hash_policy: [{ header: { header_name: 'user' } }],
    }),
    typed_per_filter_config: {
      'envoy.filters.http.fault': any('extensions.filters.http.fault.v3.HTTPFault', {
        abort: { http_status: 503, percentage: { numerator: 1 } },
      }),
    },
  },
  { ...prefix('/forever'), ...to('agent', { timeout: '0s' }) },
  { ...prefix('/rewrite-by-expression'), ...to('agent', { regex_rewrite: { pattern: { regex: '^/a' }, substitution: '/b' } }) },
  {
    match: {
      path_match_policy: extension(
        'envoy.path.match.uri_template.uri_template_matcher',
        'extensions.path.match.uri_template.v3.UriTemplateMatchConfig',
        {
          path_template: '/old/{id}',
        },
      ),
    },
    ...to('agent', {
      path_rewrite_policy: extension(
        'envoy.path.rewrite.uri_template.uri_template_rewriter',
        'extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig',
        {
          path_template_rewrite: '/new/{id}',
        },
      ),
    }),
  },
  { ...prefix('/auto-host'), ...to('strict-dns', { auto_host_rewrite: true }) },
  { ...prefix('/host-by-header'), ...to('agent', { host_rewrite_header: 'x-host' }) },
  { ...prefix('/mirror-by-header'), ...to('agent', { request_mirror_policies: [{ cluster_header: 'x-mirror' }] }) },
  {
    ...prefix('/plugin'),
    route: {
      inline_cluster_specifier_plugin: {
        extension: extension('envoy.router.cluster_specifier_plugin.lua', 'extensions.router.cluster_specifiers.lua.v3.LuaConfig', {
          source_code: { inline_string: 'function envoy_on_route(handle) return "agent" end' },
          default_cluster: 'agent',
        }),
      },
    },
  },
];

function weighted(...clusters: readonly object[]): object {
  return { route: { weighted_clusters: { clusters } } };
}

const HEADER_INPUT = 'type.matcher.v3.HttpRequestHeaderMatchInput';
const routeAction = (route: object): object => ({ action: extension('route', 'config.route.v3.Route', route) });

/** A host whose routes are found by a tree. */
const tree = {
  matcher_tree: {
    input: extension('path', HEADER_INPUT, { header_name: ':path' }),
    exact_match_map: { map: { '/exact': routeAction({ match: { prefix: '/' }, ...to('agent') }) } },
  },
  on_no_match: {
    matcher: {
      matcher_list: {
        matchers: [
          {
            predicate: {
              single_predicate: { input: extension('user', HEADER_INPUT, { header_name: 'user' }), value_match: { exact: 'jason' } },
            },
            on_match: routeAction({ match: { prefix: '/' }, ...to('strict-dns') }),
          },
        ],
      },
    },
  },
};

export const routeConfigs: readonly object[] = [
  { name: '80', virtual_hosts: [{ name: 'matches', domains: ['matches', 'matches:80'], routes: matches }] },
  {
    name: '9080',
    validate_clusters: false,
    virtual_hosts: [
      { name: 'actions', domains: ['actions.shop.svc.cluster.local', 'actions'], routes: actions },
      { name: 'empty', domains: ['empty'] },
      { name: 'tree', domains: ['tree'], matcher: tree },
      { name: 'https-only', domains: ['*'], require_tls: 'ALL', routes: [{ ...prefix('/'), ...to('agent') }] },
    ],
  },
  { name: 'scoped-routes', virtual_hosts: [{ name: 'scoped', domains: ['*'], routes: [{ ...prefix('/'), ...to('agent') }] }] },
].map((each) => any('config.route.v3.RouteConfiguration', each));
