/** The marks that meshes leave on a cluster, which tell what is there before one of them is chosen. */
import type { MeshId } from '../../model/rule.ts';

type Labels = Readonly<Record<string, string>>;

export interface KnownMesh {
  readonly id: MeshId;
  readonly title: string;
  /** How the names of its own CustomResourceDefinitions end. */
  readonly group: string;
  /** Usual names of its namespaces. */
  readonly namespaces: readonly string[];
  /** Names of the DaemonSets that spare pods the init container. */
  readonly nodeAgents: readonly string[];
  /** True for the labels of a Deployment or StatefulSet that belongs to its control plane. */
  isControlPlane(labels: Labels): boolean;
  /** True for the labels and annotations of a namespace whose pods get sidecars. */
  injects(labels: Labels, annotations: Labels): boolean;
}

const CONSUL_PARTS: ReadonlySet<string | undefined> = new Set(['server', 'connect-injector']);

export const KNOWN_MESHES: readonly KnownMesh[] = [
  {
    id: 'istio',
    title: 'Istio',
    group: '.istio.io',
    namespaces: ['istio-system'],
    nodeAgents: ['istio-cni-node'],
    isControlPlane: ({ app, istio }) => app === 'istiod' || istio === 'pilot',
    injects: (labels) => labels['istio-injection'] === 'enabled' || (labels['istio.io/rev'] ?? '') !== '',
  },
  {
    id: 'linkerd',
    title: 'Linkerd',
    group: '.linkerd.io',
    namespaces: ['linkerd', 'linkerd-viz', 'linkerd-multicluster', 'linkerd-jaeger'],
    nodeAgents: ['linkerd-cni'],
    isControlPlane: (labels) => ['destination', 'identity', 'proxy-injector'].includes(labels['linkerd.io/control-plane-component'] ?? ''),
    injects: (_labels, annotations) => ['enabled', 'ingress'].includes(annotations['linkerd.io/inject'] ?? ''),
  },
  {
    id: 'kuma',
    title: 'Kuma',
    group: '.kuma.io',
    namespaces: ['kuma-system', 'kong-mesh-system'],
    nodeAgents: ['kuma-cni-node'],
    isControlPlane: ({ app = '' }) => /^(kuma|kong-mesh)-control-plane$/.test(app),
    injects: (labels, annotations) =>
      [labels, annotations].some((marks) => /^(enabled|true)$/.test(marks['kuma.io/sidecar-injection'] ?? '')),
  },
  {
    id: 'consul',
    title: 'Consul',
    group: '.consul.hashicorp.com',
    namespaces: ['consul'],
    nodeAgents: ['consul-cni'],
    isControlPlane: ({ app, component }) => app === 'consul' && CONSUL_PARTS.has(component),
    injects: (_labels, annotations) => annotations['consul.hashicorp.com/connect-inject'] === 'true',
  },
  {
    id: 'osm',
    title: 'Open Service Mesh',
    group: '.openservicemesh.io',
    namespaces: ['osm-system', 'arc-osm-system'],
    nodeAgents: [],
    isControlPlane: ({ app }) => app === 'osm-controller',
    injects: (labels) => (labels['openservicemesh.io/monitored-by'] ?? '') !== '',
  },
  {
    id: 'appmesh',
    title: 'AWS App Mesh',
    group: '.appmesh.k8s.aws',
    namespaces: ['appmesh-system'],
    nodeAgents: [],
    isControlPlane: (labels) => labels['app.kubernetes.io/name'] === 'appmesh-controller',
    injects: (labels) => labels['appmesh.k8s.aws/sidecarInjectorWebhook'] === 'enabled',
  },
];
