/** Where the kinds of meshes are at home, for objects that name another API group. */
import { nearest } from '../text/nearest.ts';
import { quotedList } from '../text/words.ts';
import { knownGroups } from './groups.ts';

/** The kinds that people write by hand; `test/structure` proves that their groups have them. */
export const HOMES: Readonly<Record<string, readonly string[]>> = {
  AuthorizationPolicy: ['security.istio.io', 'policy.linkerd.io'],
  BackendTLSPolicy: ['gateway.networking.k8s.io'],
  DestinationRule: ['networking.istio.io'],
  EgressNetwork: ['policy.linkerd.io'],
  EnvoyFilter: ['networking.istio.io'],
  GRPCRoute: ['gateway.networking.k8s.io'],
  Gateway: ['gateway.networking.k8s.io', 'networking.istio.io'],
  GatewayClass: ['gateway.networking.k8s.io'],
  HTTPRoute: ['gateway.networking.k8s.io', 'policy.linkerd.io'],
  HTTPRouteGroup: ['specs.smi-spec.io'],
  MeshHTTPRoute: ['kuma.io'],
  MeshTLSAuthentication: ['policy.linkerd.io'],
  MeshTimeout: ['kuma.io'],
  MeshTrafficPermission: ['kuma.io'],
  NetworkAuthentication: ['policy.linkerd.io'],
  PeerAuthentication: ['security.istio.io'],
  ProxyDefaults: ['consul.hashicorp.com'],
  ReferenceGrant: ['gateway.networking.k8s.io'],
  RequestAuthentication: ['security.istio.io'],
  Server: ['policy.linkerd.io'],
  ServerAuthorization: ['policy.linkerd.io'],
  ServiceDefaults: ['consul.hashicorp.com'],
  ServiceEntry: ['networking.istio.io'],
  ServiceIntentions: ['consul.hashicorp.com'],
  ServiceProfile: ['linkerd.io'],
  ServiceResolver: ['consul.hashicorp.com'],
  ServiceRouter: ['consul.hashicorp.com'],
  ServiceSplitter: ['consul.hashicorp.com'],
  Sidecar: ['networking.istio.io'],
  TCPRoute: ['gateway.networking.k8s.io'],
  TLSRoute: ['gateway.networking.k8s.io'],
  Telemetry: ['telemetry.istio.io'],
  TrafficSplit: ['split.smi-spec.io'],
  TrafficTarget: ['access.smi-spec.io'],
  VirtualGateway: ['appmesh.k8s.aws'],
  VirtualNode: ['appmesh.k8s.aws'],
  VirtualRouter: ['appmesh.k8s.aws'],
  VirtualService: ['networking.istio.io', 'appmesh.k8s.aws'],
  WasmPlugin: ['extensions.istio.io'],
  WorkloadEntry: ['networking.istio.io'],
  WorkloadGroup: ['networking.istio.io'],
};

/** Groups of Kubernetes itself, to which nobody can add a kind. */
const OF_KUBERNETES: ReadonlySet<string> = new Set(['core', 'apps', 'batch', 'networking.k8s.io', 'policy']);

export const homesOf = (kind: string): readonly string[] => (Object.hasOwn(HOMES, kind) ? (HOMES[kind] ?? []) : []);

/** `It is a kind of "security.istio.io".` */
export function homeInWords(kind: string): string | undefined {
  const homes = homesOf(kind);
  return homes.length === 0 ? undefined : `It is a kind of ${quotedList(homes)}.`;
}

/** True for a group that is one of Kubernetes or a known one misspelled, and so cannot have the kind of a mesh. */
export function isMistakenGroup(group: string, kind: string): boolean {
  const homes = homesOf(kind);
  if (homes.length === 0 || knownGroups.includes(group)) return false;
  return OF_KUBERNETES.has(group) || homes.some((home) => home.endsWith(`.${group}`)) || nearest(group, homes) !== undefined;
}
