/** Facts of the projects' release notes and definitions, with the release that made them true. */
import type { Kind } from '../model/resource.ts';
import { parseDuration } from '../text/duration.ts';

/** Still there; there no more; or there no more in the newest release, while clusters with the one before are all around. */
type Status = 'deprecated' | 'gone' | 'going';

export interface SupersededField {
  /** A kind, or every kind of a group: `kuma.io/*`. */
  readonly of: Kind;
  readonly name: string;
  /** The field around, with `[]` for items of lists; absent: any. */
  readonly below?: RegExp;
  /** Only these values are meant, and not the field as such. */
  readonly values?: readonly string[];
  readonly status: Status;
  readonly since: string;
  /** One sentence. */
  readonly instead: string;
  /** A value that means the same. */
  readonly same?: string;
  /** The field beside it that says the same, and what a value of this one is there; undefined for one that cannot be said. */
  readonly renamed?: { readonly to: string; readonly valueOf: (value: unknown) => unknown };
}

export interface SupersededKinds {
  readonly kinds: readonly Kind[];
  readonly status: Exclude<Status, 'deprecated'>;
  readonly since: string;
  readonly instead: string;
}

const KUMA_3 = 'Kuma 3.0';
const TARGET = /(?:^|\.)(?:targetRef|backendRefs\[\]|backendRef)$/;
const CERTIFICATES = /^spec\.tls\.verification\.(?:caCert|clientCert|clientKey)$/;

const kumaTarget = (name: string, instead: string): SupersededField => ({
  of: 'kuma.io/*',
  name,
  below: TARGET,
  status: 'going',
  since: KUMA_3,
  instead,
});

/** @see https://github.com/kumahq/kuma/blob/master/UPGRADE.md */
const KUMA: readonly SupersededField[] = [
  { of: 'kuma.io/*', name: 'from', below: /^spec$/, status: 'going', since: KUMA_3, instead: 'Use "rules".' },
  kumaTarget('name', 'Select the object by "labels", such as kuma.io/display-name.'),
  kumaTarget('namespace', 'Select the object by "labels", such as k8s.kuma.io/namespace.'),
  kumaTarget('mesh', 'Select the object by "labels".'),
  kumaTarget('tags', 'Select proxies with kind "Dataplane" and "labels".'),
  kumaTarget('proxyTypes', 'Select proxies with kind "Dataplane" and "labels".'),
  {
    of: 'kuma.io/*',
    name: 'kind',
    below: TARGET,
    values: ['MeshSubset', 'MeshServiceSubset', 'MeshGateway'],
    status: 'going',
    since: KUMA_3,
    instead: 'Select proxies with kind "Dataplane" and "labels".',
  },
  {
    of: 'kuma.io/*',
    name: 'kind',
    below: /^spec\.targetRef$/,
    values: ['MeshService', 'MeshExternalService', 'MeshMultiZoneService', 'MeshHTTPRoute'],
    status: 'going',
    since: KUMA_3,
    instead: 'Select proxies with kind "Dataplane" and "labels".',
  },
  {
    of: 'kuma.io/*',
    name: 'kind',
    below: /^spec\.to\[\]\.targetRef$/,
    values: ['Dataplane'],
    status: 'going',
    since: KUMA_3,
    instead: 'Name the destination, such as a MeshService.',
  },
  {
    of: 'kuma.io/*',
    name: 'endpoint',
    below: /\.openTelemetry$/,
    status: 'going',
    since: KUMA_3,
    instead: 'Use "backendRef" to a MeshOpenTelemetryBackend.',
  },
  {
    of: 'kuma.io/MeshService',
    name: 'dataplaneTags',
    below: /^spec\.selector$/,
    status: 'going',
    since: KUMA_3,
    instead: 'Use "dataplaneLabels".',
  },
  {
    of: 'kuma.io/MeshService',
    name: 'type',
    below: /^spec\.identities\[\]$/,
    values: ['ServiceTag'],
    status: 'going',
    since: KUMA_3,
    instead: 'Use "SpiffeID".',
  },
  {
    of: 'kuma.io/MeshTrust',
    name: 'origin',
    below: /^spec$/,
    status: 'going',
    since: KUMA_3,
    instead: 'Leave it out; the status tells it.',
  },
  {
    of: 'kuma.io/MeshHealthCheck',
    name: 'healthyPanicThreshold',
    status: 'going',
    since: KUMA_3,
    instead: 'Use outlierDetection.healthyPanicThreshold of a MeshCircuitBreaker.',
  },
  {
    of: 'kuma.io/MeshLoadBalancingStrategy',
    name: 'hashPolicies',
    below: /\.loadBalancer\.(?:ringHash|maglev)$/,
    status: 'going',
    since: KUMA_3,
    instead: 'Use "hashPolicies" next to "loadBalancer".',
  },
  {
    of: 'kuma.io/MeshLoadBalancingStrategy',
    name: 'type',
    below: /\.hashPolicies\[\]$/,
    values: ['SourceIP'],
    status: 'going',
    since: KUMA_3,
    instead: 'Use type "Connection" with "sourceIP".',
  },
  ...['inline', 'inlineString', 'secret'].map(
    (name): SupersededField => ({
      of: 'kuma.io/MeshExternalService',
      name,
      below: CERTIFICATES,
      status: 'going',
      since: KUMA_3,
      instead: 'Give a "type", and the field of that type, such as "secretRef".',
    }),
  ),
];

const VIRTUAL_SERVICE: Kind = 'networking.istio.io/VirtualService';
const DESTINATION_RULE: Kind = 'networking.istio.io/DestinationRule';

const VIRTUAL_SERVICE_HEADERS = [
  'appendHeaders',
  'appendRequestHeaders',
  'appendResponseHeaders',
  'removeRequestHeaders',
  'removeResponseHeaders',
];

/** Marked in the definitions of Istio's API, or gone from them. @see https://github.com/istio/api/tree/master/networking/v1alpha3 */
const ISTIO: readonly SupersededField[] = [
  ...VIRTUAL_SERVICE_HEADERS.map(
    (name): SupersededField => ({ of: VIRTUAL_SERVICE, name, status: 'gone', since: 'Istio 1.5', instead: 'Use "headers".' }),
  ),
  {
    of: VIRTUAL_SERVICE,
    name: 'websocketUpgrade',
    status: 'gone',
    since: 'Istio 1.5',
    instead: 'Remove it: requests may always become WebSocket connections.',
  },
  {
    of: 'networking.istio.io/EnvoyFilter',
    name: 'workloadLabels',
    below: /^spec$/,
    status: 'gone',
    since: 'Istio 1.6',
    instead: 'Use "labels" of "workloadSelector".',
  },
  {
    of: 'networking.istio.io/EnvoyFilter',
    name: 'filters',
    below: /^spec$/,
    status: 'gone',
    since: 'Istio 1.6',
    instead: 'Use "configPatches".',
  },
  {
    of: VIRTUAL_SERVICE,
    name: 'allowOrigin',
    below: /\.corsPolicy$/,
    status: 'deprecated',
    since: 'Istio 1.5',
    instead: 'Write it as "allowOrigins: [{ exact: … }]".',
    renamed: { to: 'allowOrigins', valueOf: exactOrigins },
  },
  {
    of: DESTINATION_RULE,
    name: 'simple',
    below: /\.loadBalancer$/,
    values: ['LEAST_CONN'],
    status: 'deprecated',
    since: 'Istio 1.14',
    instead: 'Use "LEAST_REQUEST".',
    same: 'LEAST_REQUEST',
  },
  {
    of: DESTINATION_RULE,
    name: 'warmupDurationSecs',
    below: /\.loadBalancer$/,
    status: 'deprecated',
    since: 'Istio 1.24',
    instead: 'Write it as "warmup: { duration: … }".',
    renamed: { to: 'warmup', valueOf: warmup },
  },
  ...(['networking.istio.io/Gateway', 'networking.istio.io/Sidecar'] as const).map(
    (of): SupersededField => ({
      of,
      name: 'targetPort',
      below: /\.port$/,
      status: 'deprecated',
      since: 'Istio 1.17',
      instead: 'Remove it.',
    }),
  ),
];

/** @see https://github.com/kubernetes-sigs/gateway-api/releases */
const GATEWAY_API: readonly SupersededField[] = [
  {
    of: 'gateway.networking.k8s.io/Gateway',
    name: 'frontendValidation',
    below: /^spec\.listeners\[\]\.tls$/,
    status: 'gone',
    since: 'Gateway API 1.4',
    instead: 'Use "frontend" of "spec.tls".',
  },
];

export const FIELDS: readonly SupersededField[] = [...GATEWAY_API, ...ISTIO, ...KUMA];

const kumaKinds = (...names: readonly string[]): readonly Kind[] => names.map((name): Kind => `kuma.io/${name}`);

export const KINDS: readonly SupersededKinds[] = [
  {
    kinds: ['gateway.networking.k8s.io/ReferencePolicy'],
    status: 'gone',
    since: 'Gateway API 0.6',
    instead: 'Use a ReferenceGrant, which has the same fields.',
  },
  {
    kinds: ['gateway.networking.x-k8s.io/XListenerSet'],
    status: 'going',
    since: 'Gateway API 1.5',
    instead: 'Use a ListenerSet of gateway.networking.k8s.io/v1.',
  },
  { kinds: kumaKinds('TrafficPermission'), status: 'going', since: KUMA_3, instead: 'Use a MeshTrafficPermission.' },
  { kinds: kumaKinds('TrafficRoute'), status: 'going', since: KUMA_3, instead: 'Use a MeshHTTPRoute or a MeshTCPRoute.' },
  { kinds: kumaKinds('TrafficLog'), status: 'going', since: KUMA_3, instead: 'Use a MeshAccessLog.' },
  { kinds: kumaKinds('TrafficTrace'), status: 'going', since: KUMA_3, instead: 'Use a MeshTrace.' },
  { kinds: kumaKinds('HealthCheck'), status: 'going', since: KUMA_3, instead: 'Use a MeshHealthCheck.' },
  { kinds: kumaKinds('CircuitBreaker'), status: 'going', since: KUMA_3, instead: 'Use a MeshCircuitBreaker.' },
  { kinds: kumaKinds('Retry'), status: 'going', since: KUMA_3, instead: 'Use a MeshRetry.' },
  { kinds: kumaKinds('Timeout'), status: 'going', since: KUMA_3, instead: 'Use a MeshTimeout.' },
  { kinds: kumaKinds('RateLimit'), status: 'going', since: KUMA_3, instead: 'Use a MeshRateLimit.' },
  { kinds: kumaKinds('FaultInjection'), status: 'going', since: KUMA_3, instead: 'Use a MeshFaultInjection.' },
  { kinds: kumaKinds('VirtualOutbound'), status: 'going', since: KUMA_3, instead: 'Use a HostnameGenerator.' },
  { kinds: kumaKinds('ProxyTemplate'), status: 'going', since: KUMA_3, instead: 'Use a MeshProxyPatch.' },
  { kinds: kumaKinds('ExternalService'), status: 'going', since: KUMA_3, instead: 'Use a MeshExternalService.' },
  {
    kinds: kumaKinds('MeshGateway', 'MeshGatewayRoute', 'MeshGatewayInstance', 'MeshGatewayConfig'),
    status: 'going',
    since: KUMA_3,
    instead: 'Use a delegated gateway, such as one that implements the Gateway API.',
  },
  {
    kinds: kumaKinds('ZoneIngress', 'ZoneEgress', 'ZoneIngressInsight', 'ZoneEgressInsight'),
    status: 'going',
    since: KUMA_3,
    instead: 'Use a zone proxy of the chart, which is an ordinary Dataplane.',
  },
];

/** Versions that definitions had once and serve no more, for kinds that are still there in another. */
export const VERSIONS: readonly { readonly kinds: readonly Kind[]; readonly name: string; readonly since: string }[] = [
  {
    kinds: ['gateway.networking.k8s.io/Gateway', 'gateway.networking.k8s.io/GatewayClass', 'gateway.networking.k8s.io/HTTPRoute'],
    name: 'v1alpha2',
    since: 'Gateway API 0.8',
  },
  {
    kinds: ['gateway.networking.k8s.io/GRPCRoute', 'gateway.networking.k8s.io/ReferenceGrant'],
    name: 'v1alpha2',
    since: 'Gateway API 1.2',
  },
  {
    kinds: ['appmesh.k8s.aws/Mesh', 'appmesh.k8s.aws/VirtualNode', 'appmesh.k8s.aws/VirtualService'],
    name: 'v1beta1',
    since: 'version 1.0 of the App Mesh controller',
  },
];

/** Istiod makes exact matches of either field, and refuses an empty one only of the newer. */
function exactOrigins(value: unknown): unknown {
  const isList = Array.isArray(value) && value.length > 0 && value.every((origin) => typeof origin === 'string' && origin !== '');
  return isList ? value.map((exact: string) => ({ exact })) : undefined;
}

/** What istiod adds to the duration are Envoy's defaults. It refuses parts of a millisecond only of the newer field. */
function warmup(value: unknown): unknown {
  const milliseconds = typeof value === 'string' ? parseDuration(value) : undefined;
  return milliseconds !== undefined && milliseconds >= 1 && Number.isInteger(milliseconds) ? { duration: value } : undefined;
}
