/** Names of the kinds that Istio reads. */
import type { Kind } from '../../model/resource.ts';

export const VIRTUAL_SERVICE: Kind = 'networking.istio.io/VirtualService';
export const DESTINATION_RULE: Kind = 'networking.istio.io/DestinationRule';
export const GATEWAY: Kind = 'networking.istio.io/Gateway';
export const SERVICE_ENTRY: Kind = 'networking.istio.io/ServiceEntry';
export const SIDECAR: Kind = 'networking.istio.io/Sidecar';
export const WORKLOAD_ENTRY: Kind = 'networking.istio.io/WorkloadEntry';
export const WORKLOAD_GROUP: Kind = 'networking.istio.io/WorkloadGroup';
export const ENVOY_FILTER: Kind = 'networking.istio.io/EnvoyFilter';
export const PROXY_CONFIG: Kind = 'networking.istio.io/ProxyConfig';
export const AUTHORIZATION_POLICY: Kind = 'security.istio.io/AuthorizationPolicy';
export const REQUEST_AUTHENTICATION: Kind = 'security.istio.io/RequestAuthentication';
export const PEER_AUTHENTICATION: Kind = 'security.istio.io/PeerAuthentication';
export const TELEMETRY: Kind = 'telemetry.istio.io/Telemetry';
export const WASM_PLUGIN: Kind = 'extensions.istio.io/WasmPlugin';
export const TRAFFIC_EXTENSION: Kind = 'extensions.istio.io/TrafficExtension';
/** A file for istioctl, which no cluster holds since the operator was removed. */
export const ISTIO_OPERATOR: Kind = 'install.istio.io/IstioOperator';
/** Not Kubernetes objects: the files given by `--mesh-config` and `--mesh-networks` take part under these names. */
export const MESH_CONFIG: Kind = 'istio.io/MeshConfig';
export const MESH_NETWORKS: Kind = 'istio.io/MeshNetworks';

export const KUBERNETES_GATEWAY: Kind = 'gateway.networking.k8s.io/Gateway';
export const HTTP_ROUTE: Kind = 'gateway.networking.k8s.io/HTTPRoute';
export const GRPC_ROUTE: Kind = 'gateway.networking.k8s.io/GRPCRoute';

export const SERVICE: Kind = 'core/Service';
export const POD: Kind = 'core/Pod';
export const NODE: Kind = 'core/Node';
export const NAMESPACE: Kind = 'core/Namespace';
export const SECRET: Kind = 'core/Secret';
export const CONFIG_MAP: Kind = 'core/ConfigMap';
export const SERVICE_ACCOUNT: Kind = 'core/ServiceAccount';
export const DEPLOYMENT: Kind = 'apps/Deployment';
export const DAEMON_SET: Kind = 'apps/DaemonSet';
export const CRD: Kind = 'apiextensions.k8s.io/CustomResourceDefinition';
export const MUTATING_WEBHOOK: Kind = 'admissionregistration.k8s.io/MutatingWebhookConfiguration';
export const VALIDATING_WEBHOOK: Kind = 'admissionregistration.k8s.io/ValidatingWebhookConfiguration';

/** What deciding on authorization reads. */
export const AUTHZ_KINDS: readonly Kind[] = [
  AUTHORIZATION_POLICY,
  REQUEST_AUTHENTICATION,
  PEER_AUTHENTICATION,
  DESTINATION_RULE,
  KUBERNETES_GATEWAY,
  SERVICE_ENTRY,
  MUTATING_WEBHOOK,
  CONFIG_MAP,
];
