/**
 * The annotations that Istio reads, and where it reads them.
 * @see https://istio.io/latest/docs/reference/config/annotations/
 */

export interface AnnotationDefinition {
  readonly name: string;
  readonly status: 'alpha' | 'beta' | 'stable';
  /** Kinds on which it has a meaning. `Pod` stands for pod templates too, `Any` for every kind. */
  readonly kinds: readonly string[];
  /** Given when Istio has deprecated the annotation: what takes its place, or empty when nothing does. */
  readonly deprecated: string | undefined;
}

type Row = readonly [name: string, status: AnnotationDefinition['status'], kinds: string, deprecated?: string];

/** As `annotation/annotations.yaml` of istio/api lists them (Istio 1.32). */
const CATALOGUE: readonly Row[] = [
  ['alpha.istio.io/canonical-serviceaccounts', 'alpha', 'Service', ''],
  ['alpha.istio.io/kubernetes-serviceaccounts', 'alpha', 'Service', ''],
  ['ambient.istio.io/bypass-inbound-capture', 'alpha', 'Pod'],
  ['ambient.istio.io/dns-capture', 'alpha', 'Pod'],
  ['ambient.istio.io/redirection', 'beta', 'Pod'],
  ['ambient.istio.io/waypoint-inbound-binding', 'alpha', 'GatewayClass Gateway'],
  ['galley.istio.io/analyze-suppress', 'alpha', 'Any'],
  ['gateway.istio.io/controller-version', 'alpha', 'Any'],
  ['gateway.istio.io/name-override', 'alpha', 'Gateway'],
  ['gateway.istio.io/service-account', 'alpha', 'Gateway'],
  ['inject.istio.io/templates', 'alpha', 'Pod'],
  ['istio.io/autoRegistrationGroup', 'alpha', 'WorkloadEntry'],
  ['istio.io/connectedAt', 'alpha', 'WorkloadEntry'],
  ['istio.io/disconnectedAt', 'alpha', 'WorkloadEntry'],
  ['istio.io/dry-run', 'alpha', 'AuthorizationPolicy'],
  ['istio.io/reroute-virtual-interfaces', 'alpha', 'Pod'],
  ['istio.io/rev', 'alpha', 'Pod'],
  ['istio.io/use-waypoint-canary-weight', 'alpha', 'Service ServiceEntry Namespace'],
  ['istio.io/workloadController', 'alpha', 'WorkloadEntry'],
  ['kubernetes.io/ingress.class', 'stable', 'Ingress'],
  ['networking.istio.io/exportTo', 'alpha', 'Service'],
  ['networking.istio.io/service-type', 'alpha', 'Gateway'],
  ['networking.istio.io/traffic-distribution', 'alpha', 'Namespace Service ServiceEntry'],
  ['prometheus.istio.io/merge-metrics', 'alpha', 'Pod'],
  ['proxy.istio.io/config', 'beta', 'Pod'],
  ['proxy.istio.io/overrides', 'alpha', 'Pod'],
  ['readiness.status.sidecar.istio.io/applicationPorts', 'alpha', 'Pod'],
  ['readiness.status.sidecar.istio.io/failureThreshold', 'alpha', 'Pod'],
  ['readiness.status.sidecar.istio.io/initialDelaySeconds', 'alpha', 'Pod'],
  ['readiness.status.sidecar.istio.io/periodSeconds', 'alpha', 'Pod'],
  ['sidecar.istio.io/agentLogLevel', 'alpha', 'Pod'],
  ['sidecar.istio.io/bootstrapOverride', 'alpha', 'Pod'],
  ['sidecar.istio.io/componentLogLevel', 'alpha', 'Pod'],
  ['sidecar.istio.io/discoveryAddress', 'alpha', 'Pod', '"discoveryAddress" in the annotation "proxy.istio.io/config"'],
  ['sidecar.istio.io/extraStatTags', 'alpha', 'Pod', '"extraStatTags" in the annotation "proxy.istio.io/config"'],
  ['sidecar.istio.io/inject', 'beta', 'Pod', 'the label "sidecar.istio.io/inject" of the pod'],
  ['sidecar.istio.io/interceptionMode', 'alpha', 'Pod'],
  ['sidecar.istio.io/logLevel', 'alpha', 'Pod'],
  ['sidecar.istio.io/nativeSidecar', 'alpha', 'Pod'],
  ['sidecar.istio.io/proxyCPU', 'alpha', 'Pod'],
  ['sidecar.istio.io/proxyCPULimit', 'alpha', 'Pod'],
  ['sidecar.istio.io/proxyImage', 'alpha', 'Pod'],
  ['sidecar.istio.io/proxyImageType', 'alpha', 'Pod'],
  ['sidecar.istio.io/proxyMemory', 'alpha', 'Pod'],
  ['sidecar.istio.io/proxyMemoryLimit', 'alpha', 'Pod'],
  ['sidecar.istio.io/rewriteAppHTTPProbers', 'alpha', 'Pod'],
  ['sidecar.istio.io/statsCompression', 'alpha', 'Pod', '"statsCompression" in the annotation "proxy.istio.io/config"'],
  ['sidecar.istio.io/statsEvictionInterval', 'alpha', 'Pod'],
  ['sidecar.istio.io/statsFlushInterval', 'alpha', 'Pod'],
  ['sidecar.istio.io/statsHistogramBins', 'alpha', 'Pod'],
  ['sidecar.istio.io/statsHistogramBuckets', 'alpha', 'Pod'],
  [
    'sidecar.istio.io/statsInclusionPrefixes',
    'alpha',
    'Pod',
    '"proxyStatsMatcher.inclusionPrefixes" in the annotation "proxy.istio.io/config"',
  ],
  [
    'sidecar.istio.io/statsInclusionRegexps',
    'alpha',
    'Pod',
    '"proxyStatsMatcher.inclusionRegexps" in the annotation "proxy.istio.io/config"',
  ],
  [
    'sidecar.istio.io/statsInclusionSuffixes',
    'alpha',
    'Pod',
    '"proxyStatsMatcher.inclusionSuffixes" in the annotation "proxy.istio.io/config"',
  ],
  ['sidecar.istio.io/status', 'alpha', 'Pod'],
  ['sidecar.istio.io/userVolume', 'alpha', 'Pod'],
  ['sidecar.istio.io/userVolumeMount', 'alpha', 'Pod'],
  ['status.sidecar.istio.io/port', 'alpha', 'Pod'],
  ['topology.istio.io/controlPlaneClusters', 'alpha', 'Namespace'],
  ['traffic.istio.io/nodeSelector', 'stable', 'Service'],
  ['traffic.sidecar.istio.io/excludeInboundPorts', 'alpha', 'Pod'],
  ['traffic.sidecar.istio.io/excludeInterfaces', 'alpha', 'Pod'],
  ['traffic.sidecar.istio.io/excludeOutboundIPRanges', 'alpha', 'Pod'],
  ['traffic.sidecar.istio.io/excludeOutboundPorts', 'alpha', 'Pod'],
  ['traffic.sidecar.istio.io/includeInboundPorts', 'alpha', 'Pod'],
  ['traffic.sidecar.istio.io/includeOutboundIPRanges', 'alpha', 'Pod'],
  ['traffic.sidecar.istio.io/includeOutboundPorts', 'alpha', 'Pod'],
  ['traffic.sidecar.istio.io/kubevirtInterfaces', 'alpha', 'Pod', 'the annotation "istio.io/reroute-virtual-interfaces"'],
];

/** Read by istiod 1.32 or by its injection templates, although istio/api does not list them. */
const UNLISTED: readonly Row[] = [
  ['ambient.istio.io/xfcc-include-client-identity', 'alpha', 'Pod Gateway'],
  ['gateway.istio.io/agentgatewayImage', 'alpha', 'Pod Gateway'],
  ['istio.io/connect-strategy', 'alpha', 'ServiceEntry'],
  ['envoyfilter.istio.io/referenced-services', 'alpha', 'EnvoyFilter'],
  ['networking.istio.io/address-type', 'alpha', 'Gateway'],
  ['prometheus.istio.io/secure-port', 'alpha', 'Pod'],
  ['proxy.istio.io/health-checks-enabled', 'alpha', 'WorkloadEntry'],
  ['sidecar.istio.io/capNetBindService', 'alpha', 'Pod'],
];

const DEFINITIONS: ReadonlyMap<string, AnnotationDefinition> = new Map(
  [...CATALOGUE, ...UNLISTED].map(([name, status, kinds, deprecated]) => [name, { name, status, kinds: kinds.split(' '), deprecated }]),
);

/** Written by Istio itself; nobody chose them. */
const MANAGED: ReadonlySet<string> = new Set(['sidecar.istio.io/status', 'gateway.istio.io/controller-version', 'istio.io/rev']);

/** Labels that people set as annotations, where Istio does not look. */
const LABELS: ReadonlySet<string> = new Set([
  'experimental.istio.io/disable-gateway-port-translation',
  'istio.io/dataplane-mode',
  'istio.io/global',
  'istio.io/ingress-use-waypoint',
  'istio.io/tag',
  'istio.io/use-waypoint',
  'istio.io/use-waypoint-canary',
  'istio.io/use-waypoint-namespace',
  'istio.io/waypoint-for',
  'networking.istio.io/enable-autoallocate-ip',
  'networking.istio.io/gatewayPort',
  'networking.istio.io/tunnel',
  'security.istio.io/tlsMode',
  'service.istio.io/canonical-name',
  'service.istio.io/canonical-revision',
  'service.istio.io/workload-name',
  'topology.istio.io/cluster',
  'topology.istio.io/locality',
  'topology.istio.io/network',
  'topology.istio.io/subzone',
]);

/** True for names that belong to Istio, and for the one Kubernetes annotation that Istio documents. */
export function isIstioAnnotation(name: string): boolean {
  const [prefix = ''] = name.split('/', 1);
  return prefix === 'istio.io' || prefix.endsWith('.istio.io') || name === 'kubernetes.io/ingress.class';
}

export function isManagedAnnotation(name: string): boolean {
  return MANAGED.has(name);
}

/** True for the name of a label that has no annotation of the same name. */
export function isIstioLabel(name: string): boolean {
  return LABELS.has(name);
}

export function annotationDefinition(name: string): AnnotationDefinition | undefined {
  return DEFINITIONS.get(name);
}

export function annotationNames(): Iterable<string> {
  return DEFINITIONS.keys();
}
