/** The extensions viz and multicluster as they run in a cluster, in YAML, to be added to the small mesh. */
import type { Kind } from '../../../src/model/resource.ts';
import { base64, pod, servingCertificate, servingSecret } from './mesh.ts';

export const component = (namespace: string, extension: string, name: string, spec = ''): string =>
  pod(namespace, `${name}-1`, {
    labels: `linkerd.io/extension: ${extension}, component: ${name}`,
    annotations: 'viz.linkerd.io/tap-enabled: "true"',
    spec: `serviceAccountName: ${name}${spec}`,
  });

const bound = (kind: string, role: string, account: string, namespace: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ${kind}
metadata: { name: ${role}-${account}, namespace: "${kind === 'RoleBinding' ? namespace : ''}" }
subjects: [{ kind: ServiceAccount, name: ${account}, namespace: ${namespace} }]
roleRef: { kind: ClusterRole, name: ${role} }
`;

const role = (name: string): string => `\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: ${name} }\n`;
const tap = servingCertificate('tap.linkerd-viz');

export const apiService = (status: string, bundle = tap.certificatePem): string => `
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: { name: v1alpha1.tap.linkerd.io }
spec: { caBundle: ${base64(bundle)} }
status: { conditions: [{ type: Available, status: "${status}", message: "no response" }] }
`;

export const VIZ = ['web', 'tap', 'metrics-api', 'tap-injector'];

export const viz = [
  '\napiVersion: v1\nkind: Namespace\nmetadata: { name: linkerd-viz, labels: { linkerd.io/extension: viz } }\n',
  ...[...VIZ, 'prometheus'].map((name) => component('linkerd-viz', 'viz', name)),
  ...VIZ.map((name) => bound('ClusterRoleBinding', 'viz-role', name, 'linkerd-viz')),
  role('viz-role'),
  apiService('True'),
  servingSecret('tap-k8s-tls', tap, 'linkerd-viz'),
].join('---');

export const LINK_KINDS: readonly Kind[] = ['multicluster.linkerd.io/Link'];
export const TOKEN = 'planted-token-b81c';

export const link = (changes = '', annotations = ''): string => `
apiVersion: multicluster.linkerd.io/v1alpha3
kind: Link
metadata: { name: east, namespace: linkerd-multicluster, annotations: { ${annotations} } }
spec:
  targetClusterName: east
  targetClusterDomain: cluster.local
  clusterCredentialsSecret: cluster-credentials-east
  gatewayAddress: 198.51.100.4
  gatewayPort: "4143"
  gatewayIdentity: linkerd-gateway.linkerd-multicluster.serviceaccount.identity.linkerd.cluster.local
  probeSpec: { path: /ready, port: "4191", period: 3s }
  ${changes}
`;

export const credentials = (kubeconfig: string): string => `
apiVersion: v1
kind: Secret
metadata: { name: cluster-credentials-east, namespace: linkerd-multicluster }
data: { kubeconfig: ${base64(kubeconfig)} }
`;

export const kubeconfig = `{ clusters: [{ name: east, cluster: { server: "https://east.example.com" } }], users: [{ name: u, user: { token: ${TOKEN} } }] }`;

export const controller = (name: string, label: string, available = 1): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: linkerd-multicluster, labels: { component: ${label}, mirror.linkerd.io/cluster-name: east } }
spec: { template: { spec: { serviceAccountName: controller-east } } }
status: { availableReplicas: ${available} }
`;

export const mirror = (name: string, cluster = 'east', annotations = ''): string => `
apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: emojivoto
  labels: { mirror.linkerd.io/mirrored-service: "true", mirror.linkerd.io/cluster-name: ${cluster} }
  annotations: { ${annotations} }
spec: { clusterIP: 10.96.0.20, ports: [{ port: 80 }] }
`;

const slice = (namespace: string, name: string): string => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}-x, namespace: ${namespace}, labels: { kubernetes.io/service-name: ${name} } }
endpoints: [{ addresses: [198.51.100.4] }]
`;

export const linked = [
  '\napiVersion: v1\nkind: Namespace\nmetadata: { name: linkerd-multicluster, labels: { linkerd.io/extension: multicluster } }\n',
  link(),
  credentials(kubeconfig),
  controller('controller-east', 'controller'),
  '\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: controller-east, namespace: linkerd-multicluster }\n',
  ...['ClusterRoleBinding', 'RoleBinding'].map((kind) => bound(kind, 'mirror', 'controller-east', 'linkerd-multicluster')),
  component('linkerd-multicluster', 'multicluster', 'controller-east'),
  `
apiVersion: v1
kind: Service
metadata:
  name: probe-east
  namespace: linkerd-multicluster
  labels: { mirror.linkerd.io/mirrored-gateway: "true", mirror.linkerd.io/cluster-name: east }
spec: { clusterIP: 10.96.0.21 }
`,
  slice('linkerd-multicluster', 'probe-east'),
  '\napiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: { name: service-mirror-write-east, namespace: linkerd-multicluster }\nspec: { holderIdentity: controller-east-1 }\n',
  mirror('web-east'),
  slice('emojivoto', 'web-east'),
].join('---');
