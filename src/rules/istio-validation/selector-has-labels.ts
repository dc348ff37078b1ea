import {
  AUTHORIZATION_POLICY,
  DESTINATION_RULE,
  ENVOY_FILTER,
  PEER_AUTHENTICATION,
  PROXY_CONFIG,
  REQUEST_AUTHENTICATION,
  SERVICE_ENTRY,
  SIDECAR,
  TELEMETRY,
  TRAFFIC_EXTENSION,
  WASM_PLUGIN,
} from '../../mesh/istio/kinds.ts';
import { objectAt } from '../../model/body.ts';
import { type Resource, shortKind } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging } from './_flaws.ts';

export const selectorHasLabels: Rule = {
  meta: {
    id: 'istio-validation/selector-has-labels',
    aliases: ['IST0133'],
    analyzers: [
      'schema.ValidationAnalyzer.AuthorizationPolicy',
      'schema.ValidationAnalyzer.RequestAuthentication',
      'schema.ValidationAnalyzer.PeerAuthentication',
      'schema.ValidationAnalyzer.Telemetry',
      'schema.ValidationAnalyzer.WasmPlugin',
      'schema.ValidationAnalyzer.TrafficExtension',
      'schema.ValidationAnalyzer.ProxyConfig',
      'schema.ValidationAnalyzer.DestinationRule',
      'schema.ValidationAnalyzer.Sidecar',
      'schema.ValidationAnalyzer.ServiceEntry',
      'schema.ValidationAnalyzer.EnvoyFilter',
    ],
    severity: 'warning',
    summary: 'Selectors that are written down select by labels.',
    why: 'The object applies to all workloads of its namespace, which its author may not have meant.',
    inputs: [
      AUTHORIZATION_POLICY,
      REQUEST_AUTHENTICATION,
      PEER_AUTHENTICATION,
      TELEMETRY,
      WASM_PLUGIN,
      TRAFFIC_EXTENSION,
      PROXY_CONFIG,
      DESTINATION_RULE,
      SIDECAR,
      SERVICE_ENTRY,
      ENVOY_FILTER,
    ],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/type/workload-selector/#WorkloadSelector',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: reviews, namespace: shop }
spec:
  selector: {}
  rules: [{}]
`,
    good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: reviews, namespace: shop }
spec:
  selector:
    matchLabels: { app: reviews }
  rules: [{}]
`,
  },
  check: judging(
    [
      AUTHORIZATION_POLICY,
      REQUEST_AUTHENTICATION,
      PEER_AUTHENTICATION,
      TELEMETRY,
      WASM_PLUGIN,
      TRAFFIC_EXTENSION,
      PROXY_CONFIG,
      DESTINATION_RULE,
      SIDECAR,
      SERVICE_ENTRY,
      ENVOY_FILTER,
    ],
    flawsOf,
  ),
};

/** Where selectors of each kind stand, and where their labels are. */
const PLACES = [
  ['selector', 'matchLabels'],
  ['workloadSelector', 'matchLabels'],
  ['workloadSelector', 'labels'],
] as const;

function* flawsOf({ body, kind }: Resource): Iterable<Flaw> {
  const spec = objectAt(body, 'spec');
  const field = PLACES.map(([selector]) => selector).find((selector) => isSet(spec, selector));
  if (!field || PLACES.some(([selector, labels]) => Object.keys(objectAt(spec, selector, labels)).length > 0)) return;
  yield {
    path: ['spec', field],
    part: 'key',
    message: `The selector of the ${shortKind(kind)} has no labels, so it means all workloads as if it were not there.`,
    fix: 'Add labels, or remove the selector if all workloads are meant.',
  };
}
