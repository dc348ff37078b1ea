import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { messageViolations } from './_message-violations.ts';

export const envoyFilterValuesFit: Rule = {
  meta: {
    id: 'istio-validation/envoy-filter-values-fit',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.EnvoyFilter'],
    severity: 'error',
    summary: 'Fields in patches of an EnvoyFilter hold values of the types that Envoy gives them.',
    why: 'Istiod refuses the EnvoyFilter, so that none of its patches is applied.',
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
        value: { connect_timeout: 5 }
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
  check: messageViolations('message-value', [ENVOY_FILTER]),
};
