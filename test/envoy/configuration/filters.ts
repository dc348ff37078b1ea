/** Filters of HTTP and of the network, of every kind that is told in words. */
import type { Files } from '../envoy.ts';
import { extension } from './any.ts';

const HTTP = 'extensions.filters.http';

export const router = extension('envoy.filters.http.router', `${HTTP}.router.v3.Router`);

export const http = (stat_prefix: string, more: object): object =>
  extension(
    'envoy.filters.network.http_connection_manager',
    'extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    {
      stat_prefix,
      http_filters: [router],
      ...more,
    },
  );

export const tcp = (stat_prefix: string, more: object): object =>
  extension('envoy.filters.network.tcp_proxy', 'extensions.filters.network.tcp_proxy.v3.TcpProxy', { stat_prefix, ...more });

const ANYONE = [{ any: true }];

const policies = {
  'ns[shop]-policy[web]-rule[0]': {
    principals: [
      {
        and_ids: {
          ids: [
            { or_ids: { ids: [{ authenticated: { principal_name: { exact: 'spiffe://td/ns/a/sa/b' } } }, { authenticated: {} }] } },
            { not_id: { direct_remote_ip: { address_prefix: '10.0.0.0', prefix_len: 8 } } },
            { remote_ip: { address_prefix: '192.168.1.1', prefix_len: 32 } },
            {
              metadata: {
                filter: 'istio_authn',
                path: [{ key: 'request.auth.claims' }, { key: 'groups' }],
                value: { list_match: { one_of: { string_match: { exact: 'admin' } } } },
              },
            },
            { filter_state: { key: 'io.istio.peer_principal', string_match: { suffix: '/sa/b' } } },
            { header: { name: 'user', string_match: { safe_regex: { regex: 'j.*' } } } },
          ],
        },
      },
    ],
    permissions: [
      {
        and_rules: {
          rules: [
            {
              or_rules: {
                rules: [{ header: { name: ':method', string_match: { exact: 'GET' } } }, { header: { name: 'x', present_match: true } }],
              },
            },
            { url_path: { path: { prefix: '/api' } } },
            { not_rule: { url_path: { path: { safe_regex: { regex: '/api/private/.*' } } } } },
            { destination_port: 9080 },
            { destination_port_range: { start: 9000, end: 9100 } },
            { destination_ip: { address_prefix: '10.0.0.7', prefix_len: 32 } },
            { requested_server_name: { exact: 'web.shop' } },
            {
              uri_template: extension('template', 'extensions.path.match.uri_template.v3.UriTemplateMatchConfig', {
                path_template: '/a/*',
              }),
            },
            { header: { name: 'age', range_match: { start: '1', end: '9' } } },
          ],
        },
      },
    ],
  },
};

const open = { principals: ANYONE, permissions: ANYONE };

const action = (name: string, type: string): object => ({
  action: extension('action', 'config.rbac.v3.Action', { name, ...(type === 'ALLOW' ? {} : { action: type }) }),
});

/** RBAC that asks by a tree instead of by policies. */
const byMatcher = {
  matcher_list: {
    matchers: [
      {
        predicate: {
          single_predicate: {
            input: extension('ip', 'extensions.matching.common_inputs.network.v3.SourceIPInput'),
            value_match: { exact: '10.0.0.1' },
          },
        },
        on_match: action('friends', 'ALLOW'),
      },
    ],
  },
  on_no_match: action('others', 'DENY'),
};

const rbac = (name: string, config: object): object => extension(name, `${HTTP}.rbac.v3.RBAC`, config);

const rbacFilters: readonly object[] = [
  rbac('rbac-deny', { rules: { action: 'DENY', policies } }),
  rbac('rbac-allow', { rules: { policies: { open } } }),
  rbac('rbac-closed', { rules: {} }),
  rbac('rbac-log', { rules: { action: 'LOG', policies: { open } } }),
  rbac('rbac-shadow', { shadow_rules: { action: 'DENY', policies: { open } }, shadow_rules_stat_prefix: 'dry' }),
  rbac('rbac-matcher', { matcher: byMatcher }),
  rbac('rbac-nothing', {}),
];

export const networkRbac = (stat_prefix: string, rules: object): object =>
  extension('envoy.filters.network.rbac', 'extensions.filters.network.rbac.v3.RBAC', { stat_prefix, rules });

export const openRules = { action: 'ALLOW', policies: { open } };

/** Without the fields that ask for more it records headers and bodies alone. */
export const tapFilter = (config_id: string, more: object = {}): object =>
  extension('envoy.filters.http.tap', `${HTTP}.tap.v3.Tap`, { common_config: { admin_config: { config_id } }, ...more });

/** A key of RFC 7517's examples. */
const JWKS = JSON.stringify({
  keys: [
    {
      ...{ kty: 'EC', crv: 'P-256', kid: '1', alg: 'ES256' },
      ...{ x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4', y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM' },
    },
  ],
});

export const httpFilters = (files: Files): readonly object[] => [
  extension('envoy.filters.http.jwt_authn', `${HTTP}.jwt_authn.v3.JwtAuthentication`, {
    providers: {
      here: { issuer: 'https://here', audiences: ['web'], forward: true, local_jwks: { inline_string: JWKS } },
      there: { issuer: 'https://there', remote_jwks: { http_uri: { uri: 'https://there/keys', cluster: 'agent', timeout: '1s' } } },
    },
    rules: [{ match: { prefix: '/' }, requires: { provider_name: 'here' } }],
  }),
  ...rbacFilters,
  extension('envoy.filters.http.ext_authz', `${HTTP}.ext_authz.v3.ExtAuthz`, {
    grpc_service: { envoy_grpc: { cluster_name: 'agent' }, timeout: '1s' },
    transport_api_version: 'V3',
  }),
  extension('envoy.filters.http.fault', `${HTTP}.fault.v3.HTTPFault`, { delay: { fixed_delay: '1s', percentage: { numerator: 1 } } }),
  tapFilter('behind-policies'),
  extension('envoy.filters.http.lua', `${HTTP}.lua.v3.Lua`, {
    default_source_code: { inline_string: 'function envoy_on_request(handle) end' },
  }),
  extension('envoy.filters.http.cors', `${HTTP}.cors.v3.Cors`),
  {
    name: 'delivered',
    config_discovery: {
      config_source: files.source('extensions/delivered'),
      type_urls: [`type.googleapis.com/envoy.${HTTP}.buffer.v3.Buffer`],
    },
  },
  {
    name: 'delivered-rbac',
    config_discovery: {
      config_source: files.source('extensions/delivered-rbac'),
      type_urls: [`type.googleapis.com/envoy.${HTTP}.rbac.v3.RBAC`],
    },
  },
  router,
];

/** A network filter that comes on its own. */
export const deliveredNetworkFilter = (files: Files): object => ({
  name: 'delivered-network',
  config_discovery: {
    config_source: files.source('extensions/delivered-network'),
    type_urls: ['type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC'],
  },
});

/** Of ECDS. */
export const extensionConfigs: readonly object[] = [
  extension('delivered', `${HTTP}.buffer.v3.Buffer`, { max_request_bytes: 1024 }),
  extension('delivered-rbac', `${HTTP}.rbac.v3.RBAC`, { rules: { action: 'DENY', policies: { open } } }),
  extension('delivered-network', 'extensions.filters.network.rbac.v3.RBAC', { stat_prefix: 'delivered', rules: openRules }),
].map((each) => ({ '@type': 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig', ...each }));

export const accessLog = {
  access_log: [
    extension('envoy.access_loggers.file', 'extensions.access_loggers.file.v3.FileAccessLog', {
      path: '/dev/null',
      log_format: { text_format_source: { inline_string: '%PROTOCOL%\n' } },
    }),
  ],
};
