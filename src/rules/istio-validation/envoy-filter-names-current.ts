import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import { stringAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { completePatches } from './_envoy-patches.ts';
import { type Flaw, judging } from './_flaws.ts';

export const envoyFilterNamesCurrent: Rule = {
  meta: {
    id: 'istio-validation/envoy-filter-names-current',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.EnvoyFilter'],
    severity: 'warning',
    summary: 'Matches of an EnvoyFilter use the present names of filters.',
    why: 'Filters are listed under their present names, so that the patch may find nothing.',
    inputs: [ENVOY_FILTER],
    meshes: ['istio'],
    source: 'https://www.envoyproxy.io/docs/envoy/latest/version_history/v1.14.0',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: reviews, namespace: shop }
spec:
  configPatches:
    - applyTo: NETWORK_FILTER
      match: { listener: { filterChain: { filter: { name: envoy.tcp_proxy } } } }
      patch: { operation: REMOVE }
`,
    good: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: reviews, namespace: shop }
spec:
  configPatches:
    - applyTo: NETWORK_FILTER
      match: { listener: { filterChain: { filter: { name: envoy.filters.network.tcp_proxy } } } }
      patch: { operation: REMOVE }
`,
  },
  check: judging(ENVOY_FILTER, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { patch, path, applyTo } of completePatches(body)) {
    if (!OF_LISTENERS.has(applyTo)) continue;
    const filter = ['match', 'listener', 'filterChain', 'filter'];
    for (const place of [
      [...filter, 'name'],
      [...filter, 'subFilter', 'name'],
    ]) {
      const name = stringAt(patch, ...place) ?? '';
      const current = CURRENT_NAMES.get(name);
      if (current)
        yield {
          path: [...path, ...place],
          message: `"${name}" is a name of old, by which no filter goes any more.`,
          fix: `Write "${current}".`,
        };
    }
  }
}

const OF_LISTENERS: ReadonlySet<string> = new Set(['LISTENER', 'FILTER_CHAIN', 'NETWORK_FILTER', 'HTTP_FILTER']);

const CURRENT_NAMES: ReadonlyMap<string, string> = new Map([
  ...[
    'buffer',
    'cors',
    'csrf',
    'fault',
    'grpc_http1_bridge',
    'grpc_json_transcoder',
    'grpc_web',
    'gzip',
    'health_check',
    'ip_tagging',
    'lua',
    'router',
    'squash',
  ].map((name) => [`envoy.${name}`, `envoy.filters.http.${name}`] as const),
  ...['http_inspector', 'original_dst', 'original_src', 'proxy_protocol', 'tls_inspector'].map(
    (name) => [`envoy.listener.${name}`, `envoy.filters.listener.${name}`] as const,
  ),
  ...['client_ssl_auth', 'ext_authz', 'http_connection_manager', 'mongo_proxy', 'ratelimit', 'redis_proxy', 'tcp_proxy'].map(
    (name) => [`envoy.${name}`, `envoy.filters.network.${name}`] as const,
  ),
  ['envoy.http_dynamo_filter', 'envoy.filters.http.dynamo'],
  ['envoy.rate_limit', 'envoy.filters.http.ratelimit'],
]);
