/** Kinds and keys that Linkerd uses. */
import type { Kind } from '../../model/resource.ts';

export const NAMESPACE: Kind = 'core/Namespace';
export const POD: Kind = 'core/Pod';
export const SERVICE: Kind = 'core/Service';
export const NODE: Kind = 'core/Node';
export const SECRET: Kind = 'core/Secret';
export const CONFIG_MAP: Kind = 'core/ConfigMap';
export const SERVICE_ACCOUNT: Kind = 'core/ServiceAccount';
export const DEPLOYMENT: Kind = 'apps/Deployment';
export const DAEMON_SET: Kind = 'apps/DaemonSet';
export const CRON_JOB: Kind = 'batch/CronJob';
export const CLUSTER_ROLE: Kind = 'rbac.authorization.k8s.io/ClusterRole';
export const CLUSTER_ROLE_BINDING: Kind = 'rbac.authorization.k8s.io/ClusterRoleBinding';
export const ROLE_BINDING: Kind = 'rbac.authorization.k8s.io/RoleBinding';
export const MUTATING_WEBHOOK: Kind = 'admissionregistration.k8s.io/MutatingWebhookConfiguration';
export const VALIDATING_WEBHOOK: Kind = 'admissionregistration.k8s.io/ValidatingWebhookConfiguration';
export const API_SERVICE: Kind = 'apiregistration.k8s.io/APIService';
export const CRD: Kind = 'apiextensions.k8s.io/CustomResourceDefinition';
export const LEASE: Kind = 'coordination.k8s.io/Lease';
export const ENDPOINT_SLICE: Kind = 'discovery.k8s.io/EndpointSlice';
export const LINK: Kind = 'multicluster.linkerd.io/Link';
export const SERVER: Kind = 'policy.linkerd.io/Server';
export const AUTHORIZATION_POLICY: Kind = 'policy.linkerd.io/AuthorizationPolicy';
export const SERVER_AUTHORIZATION: Kind = 'policy.linkerd.io/ServerAuthorization';
export const MESH_TLS_AUTHENTICATION: Kind = 'policy.linkerd.io/MeshTLSAuthentication';
export const NETWORK_AUTHENTICATION: Kind = 'policy.linkerd.io/NetworkAuthentication';
export const RATE_LIMIT: Kind = 'policy.linkerd.io/HTTPLocalRateLimitPolicy';
export const EGRESS_NETWORK: Kind = 'policy.linkerd.io/EgressNetwork';
export const SERVICE_PROFILE: Kind = 'linkerd.io/ServiceProfile';
/** Of either group: Linkerd's own is the older twin. */
export const HTTP_ROUTES: readonly Kind[] = ['policy.linkerd.io/HTTPRoute', 'gateway.networking.k8s.io/HTTPRoute'];
export const GRPC_ROUTE: Kind = 'gateway.networking.k8s.io/GRPCRoute';

/** `destination`, `identity`, `proxy-injector`, `heartbeat`: on everything that belongs to the control plane. */
export const COMPONENT = 'linkerd.io/control-plane-component';
/** The namespace of the control plane: on its own objects, and on pods that it has injected. */
export const CONTROL_PLANE_NS = 'linkerd.io/control-plane-ns';
export const IS_CONTROL_PLANE = 'linkerd.io/is-control-plane';
export const EXTENSION = 'linkerd.io/extension';
export const CNI_RESOURCE = 'linkerd.io/cni-resource';
export const CREATED_BY = 'linkerd.io/created-by';
export const INJECT = 'linkerd.io/inject';
export const OPAQUE_PORTS = 'config.linkerd.io/opaque-ports';
export const INBOUND_POLICY = 'config.linkerd.io/default-inbound-policy';
export const SKIP_INBOUND = 'config.linkerd.io/skip-inbound-ports';
export const SKIP_OUTBOUND = 'config.linkerd.io/skip-outbound-ports';
export const PROXY_VERSION = 'config.linkerd.io/proxy-version';
/** On pods and services that a service mirror makes: the linked cluster. */
export const CLUSTER_NAME = 'mirror.linkerd.io/cluster-name';

/** A page of Linkerd's documentation about what `linkerd check` finds. */
export const hints = (anchor: string): string => `https://linkerd.io/2/checks/#${anchor}`;
