import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { messageViolations } from './_message-violations.ts';

export const envoyFilterFieldsKnown: Rule = {
  meta: {
    id: 'istio-validation/envoy-filter-fields-known',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.EnvoyFilter'],
    severity: 'warning',
    summary: 'Fields in patches of an EnvoyFilter exist in the API of Envoy.',
    why: 'Istiod leaves such a field out, and the proxy goes on as if it was not there.',
    inputs: [ENVOY_FILTER],
    meshes: ['istio'],
    source: 'https://www.envoyproxy.io/docs/envoy/latest/api-v3/api',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: reviews, namespace: shop }
spec:
  configPatches:
    - applyTo: CLUSTER
      match: { cluster: { service: reviews.shop.svc.cluster.local } }
      patch:
        operation: MERGE
        value: { connection_timeout: 5s }
`,
    good: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: reviews, namespace: shop }
spec:
  configPatches:
    - applyTo: CLUSTER
      match: { cluster: { service: reviews.shop.svc.cluster.local } }
      patch:
        operation: MERGE
        value: { connect_timeout: 5s }
`,
  },
  check: messageViolations('message-field', [ENVOY_FILTER]),
};
