/** What ambient mode adds to a control plane: the agents on the nodes, and a waypoint. */
import { stringMapAt } from '../../model/body.ts';
import type { Admission } from '../options.ts';
import type { KubeObject } from '../store/object.ts';
import { HUB, ROOT_NAMESPACE, VERSION } from './_names.ts';
import { type Labels, object, serviceAccount, type Written } from './_objects.ts';

const MODE = 'istio.io/dataplane-mode';
const OUTSIDE: Labels = { 'sidecar.istio.io/inject': 'false', [MODE]: 'none' };

export const AMBIENT: Labels = { [MODE]: 'ambient' };

function agent(name: string, selector: Labels, labels: Labels, container: object): readonly Written[] {
  const template = {
    metadata: { labels: { ...OUTSIDE, ...selector, ...labels } },
    spec: { serviceAccountName: name, containers: [container], tolerations: [{ operator: 'Exists' }] },
  };
  const spec = { selector: { matchLabels: selector }, template };
  return [
    serviceAccount(ROOT_NAMESPACE, name),
    object('apps/v1', 'DaemonSet', ROOT_NAMESPACE, name, { spec }, { labels: { ...selector, ...labels, 'istio.io/rev': 'default' } }),
  ];
}

export function agents(): readonly Written[] {
  return [
    ...agent(
      'istio-cni-node',
      { 'k8s-app': 'istio-cni-node' },
      { 'app.kubernetes.io/name': 'istio-cni' },
      {
        name: 'install-cni',
        image: `${HUB}/install-cni:${VERSION}`,
        readinessProbe: { httpGet: { path: '/readyz', port: 8000 } },
      },
    ),
    ...agent(
      'ztunnel',
      { app: 'ztunnel' },
      { 'app.kubernetes.io/name': 'ztunnel' },
      {
        name: 'istio-proxy',
        image: `${HUB}/ztunnel:${VERSION}`,
        args: ['proxy', 'ztunnel'],
        ports: [{ containerPort: 15020, name: 'ztunnel-stats' }],
        readinessProbe: { httpGet: { path: '/healthz/ready', port: 15021 } },
        resources: { requests: { cpu: '200m', memory: '512Mi' } },
      },
    ),
  ];
}

const CLASS = 'istio-waypoint';

/** The Gateway, and what istiod makes for it. */
export function waypoint(within: string, name: string): readonly Written[] {
  const own: Labels = { 'gateway.networking.k8s.io/gateway-name': name };
  const labels: Labels = {
    ...own,
    'gateway.networking.k8s.io/gateway-class-name': CLASS,
    'gateway.istio.io/managed': 'istio.io-mesh-controller',
  };
  const condition = (type: string): object => ({
    type,
    status: 'True',
    reason: type,
    message: 'Resource available',
    observedGeneration: 1,
  });
  const container = {
    name: 'istio-proxy',
    image: `${HUB}/proxyv2:${VERSION}`,
    args: ['proxy', 'waypoint', '--domain', '$(POD_NAMESPACE).svc.cluster.local'],
    ports: [15020, 15021, 15090].map((containerPort) => ({ containerPort })),
    readinessProbe: { httpGet: { path: '/healthz/ready', port: 15021 } },
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '2', memory: '1Gi' } },
  };
  const template = {
    metadata: { labels: { ...OUTSIDE, ...labels }, annotations: { 'istio.io/rev': 'default' } },
    spec: { serviceAccountName: name, containers: [container] },
  };
  const port = (portName: string, number: number): object => ({ name: portName, port: number, protocol: 'TCP', appProtocol: 'tcp' });
  return [
    object('gateway.networking.k8s.io/v1', 'GatewayClass', '', CLASS, {
      spec: { controllerName: 'istio.io/mesh-controller', description: 'The default Istio waypoint GatewayClass' },
      status: { conditions: [condition('Accepted')] },
    }),
    object(
      'gateway.networking.k8s.io/v1',
      'Gateway',
      within,
      name,
      {
        spec: { gatewayClassName: CLASS, listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE' }] },
        status: { conditions: [condition('Accepted'), condition('Programmed')] },
      },
      { labels: { 'istio.io/waypoint-for': 'service' } },
    ),
    serviceAccount(within, name),
    object('apps/v1', 'Deployment', within, name, { spec: { replicas: 1, selector: { matchLabels: own }, template } }, { labels }),
    object(
      'v1',
      'Service',
      within,
      name,
      { spec: { selector: own, ports: [port('status-port', 15021), port('mesh', 15008)] } },
      { labels },
    ),
  ];
}

/** The CNI agent notes on each pod that ztunnel captures it. */
export function captured(pod: KubeObject, { operation, get }: Admission): KubeObject {
  const { namespace = '', labels = {}, annotations = {} } = pod.metadata;
  if (pod.kind !== 'Pod' || pod.apiVersion !== 'v1' || operation !== 'CREATE') return pod;
  const home = stringMapAt(get('core/Namespace', '', namespace), 'metadata', 'labels');
  if ((labels[MODE] ?? home[MODE]) !== 'ambient') return pod;
  return { ...pod, metadata: { ...pod.metadata, annotations: { ...annotations, 'ambient.istio.io/redirection': 'enabled' } } };
}
