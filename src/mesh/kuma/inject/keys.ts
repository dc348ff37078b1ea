/** Labels and annotations that Kuma's injector reads and writes, and the names of what it adds. */

/** A label, of pods and Namespaces. */
export const INJECTION = 'kuma.io/sidecar-injection';
/** A label, of pods and Namespaces. */
export const MESH = 'kuma.io/mesh';

export const INJECTED = 'kuma.io/sidecar-injected';
export const ADMIN_PORT = 'kuma.io/envoy-admin-port';
export const PROBE_PORT = 'kuma.io/application-probe-proxy-port';
export const REDIRECTION = 'traffic.kuma.io/transparent-proxy-config';
export const REDIRECTION_MAP = 'traffic.kuma.io/transparent-proxy-configmap-name';
export const GATEWAY = 'kuma.io/gateway';
export const SPIRE = 'k8s.kuma.io/spire-support';
/** Networks that a CNI plugin attaches the pod to, which Kuma's plugin is one of. */
export const NETWORKS = 'k8s.v1.cni.cncf.io/networks';
export const KUMA_CNI = 'kuma-cni';
export const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

export const SIDECAR = 'kuma-sidecar';
export const INIT = 'kuma-init';
export const VALIDATION = 'kuma-validation';
