import { isTrueText } from '../../mesh/istio/inject/booleans.ts';
import {
  AUTHORIZATION_POLICY,
  DESTINATION_RULE,
  ENVOY_FILTER,
  GATEWAY,
  PEER_AUTHENTICATION,
  PROXY_CONFIG,
  REQUEST_AUTHENTICATION,
  SERVICE_ENTRY,
  SIDECAR,
  TELEMETRY,
  TRAFFIC_EXTENSION,
  VIRTUAL_SERVICE,
  WASM_PLUGIN,
  WORKLOAD_ENTRY,
  WORKLOAD_GROUP,
} from '../../mesh/istio/kinds.ts';
import { stringAt } from '../../model/body.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';

const JUDGED: readonly Kind[] = [
  VIRTUAL_SERVICE,
  DESTINATION_RULE,
  GATEWAY,
  SERVICE_ENTRY,
  SIDECAR,
  WORKLOAD_ENTRY,
  WORKLOAD_GROUP,
  AUTHORIZATION_POLICY,
  REQUEST_AUTHENTICATION,
  PEER_AUTHENTICATION,
  TELEMETRY,
  PROXY_CONFIG,
  WASM_PLUGIN,
  TRAFFIC_EXTENSION,
  ENVOY_FILTER,
];

export const annotationsAccepted: Rule = {
  meta: {
    id: 'istio-validation/annotations-accepted',
    aliases: ['IST0106'],
    analyzers: [
      'schema.ValidationAnalyzer.VirtualService',
      'schema.ValidationAnalyzer.DestinationRule',
      'schema.ValidationAnalyzer.Gateway',
      'schema.ValidationAnalyzer.ServiceEntry',
      'schema.ValidationAnalyzer.Sidecar',
      'schema.ValidationAnalyzer.WorkloadEntry',
      'schema.ValidationAnalyzer.WorkloadGroup',
      'schema.ValidationAnalyzer.AuthorizationPolicy',
      'schema.ValidationAnalyzer.RequestAuthentication',
      'schema.ValidationAnalyzer.PeerAuthentication',
      'schema.ValidationAnalyzer.Telemetry',
      'schema.ValidationAnalyzer.ProxyConfig',
      'schema.ValidationAnalyzer.WasmPlugin',
      'schema.ValidationAnalyzer.TrafficExtension',
      'schema.ValidationAnalyzer.EnvoyFilter',
    ],
    severity: 'error',
    summary: 'Objects carry no annotation that makes istiod refuse them.',
    why: 'Istiod refuses the object, so that it never takes effect.',
    inputs: JUDGED,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/annotations/',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: admin, namespace: shop, annotations: { istio.io/dry-run: "yes" } }
spec:
  action: DENY
  rules: [{}]
`,
    good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: admin, namespace: shop, annotations: { istio.io/dry-run: "true" } }
spec:
  action: DENY
  rules: [{}]
`,
  },
  check: judging(JUDGED, flawsOf),
};

const DRY_RUN = 'istio.io/dry-run';

/** What istiod itself puts on the objects that it makes inside. */
const INTERNAL = ['internal.istio.io/webhook-always-reject', 'internal.istio.io/parents', 'internal.istio.io/parent-namespace'];

function* flawsOf({ annotations, body, kind }: Resource): Iterable<Flaw> {
  for (const name of INTERNAL) {
    if (!(name in annotations)) continue;
    yield {
      path: ['metadata', 'annotations', name],
      part: 'key',
      message: `Annotation "${name}" is for the use of istiod alone.`,
      fix: 'Remove it.',
    };
  }
  const value = annotations[DRY_RUN];
  if (value === undefined) return;
  const path = ['metadata', 'annotations', DRY_RUN];
  const action = stringAt(body, 'spec', 'action') ?? 'ALLOW';
  if (kind !== AUTHORIZATION_POLICY) {
    yield { path, part: 'key', message: `Annotation "${DRY_RUN}" is for AuthorizationPolicies alone.`, fix: 'Remove it.' };
  } else if (action !== 'ALLOW' && action !== 'DENY') {
    yield { path, part: 'key', message: `${action} policies cannot be tried out by annotation "${DRY_RUN}".`, fix: 'Remove it.' };
  } else if (isTrueText(value) === undefined) {
    yield { path, message: `Annotation "${DRY_RUN}" is "${value}", which is no boolean.`, fix: 'Write "true" or "false".' };
  }
}
