import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { messageViolations } from './_message-violations.ts';

export const envoyFilterFieldsAgree: Rule = {
  meta: {
    id: 'istio-validation/envoy-filter-fields-agree',
    aliases: [],
    severity: 'warning',
    summary: 'Patches of an EnvoyFilter set at most one of fields that exclude each other.',
    why: 'Istiod keeps one of them and drops the others in silence.',
    inputs: [ENVOY_FILTER],
    meshes: ['istio'],
    source: 'https://protobuf.dev/programming-guides/proto3/#oneof',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: reviews, namespace: shop }
spec:
  configPatches:
    - applyTo: HTTP_ROUTE
      patch:
        operation: MERGE
        value: { match: { prefix: /, path: /health } }
`,
    good: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: reviews, namespace: shop }
spec:
  configPatches:
    - applyTo: HTTP_ROUTE
      patch:
        operation: MERGE
        value: { match: { path: /health } }
`,
  },
  check: messageViolations('message-choice', [ENVOY_FILTER]),
};
