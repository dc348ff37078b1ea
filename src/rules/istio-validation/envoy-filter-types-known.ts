import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { LUA_FILTER } from './_examples.ts';
import { messageViolations } from './_message-violations.ts';

export const envoyFilterTypesKnown: Rule = {
  meta: {
    id: 'istio-validation/envoy-filter-types-known',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.EnvoyFilter'],
    severity: 'error',
    summary: "Typed configurations in an EnvoyFilter name a type of Envoy's API v3.",
    why: 'Istiod refuses the EnvoyFilter, so that its patches are never applied.',
    inputs: [ENVOY_FILTER],
    meshes: ['istio'],
    source: 'https://www.envoyproxy.io/docs/envoy/latest/api/api_supported_versions',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: reviews, namespace: shop }
spec:
  configPatches:
    - applyTo: HTTP_FILTER
      patch:
        operation: INSERT_BEFORE
        value:
          name: envoy.filters.http.lua
          typed_config:
            "@type": type.googleapis.com/envoy.config.filter.http.lua.v2.Lua
            inlineCode: function envoy_on_request(handle) end
`,
    good: LUA_FILTER,
  },
  check: messageViolations('message-type', [ENVOY_FILTER]),
};
