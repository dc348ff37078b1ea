/** What ambient mode adds to a control plane: the agents on the nodes, and a waypoint. */
import type { Kind } from '../../model/resource.ts';
import type { Inside, Programs } from '../options.ts';
import type { KubeObject } from '../store/object.ts';
import { HUB, ROOT_NAMESPACE, VERSION } from './_names.ts';
import { type Labels, object, serviceAccount, type Written } from './_objects.ts';

const POD: Kind = 'core/Pod';
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

const REDIRECTION = 'ambient.istio.io/redirection';

/** The CNI agent: notes on each pod that asks for ambient mode that ztunnel captures it. */
export function cniAgent({ store, after, closing }: Inside): Programs {
  const capture = (seen: KubeObject): void => {
    const pod = store.get(POD, seen.metadata.namespace ?? '', seen.metadata.name);
    if (!pod || pod.metadata.annotations?.[REDIRECTION] !== undefined || !asksForAmbient(pod, store)) return;
    const annotations = { ...pod.metadata.annotations, [REDIRECTION]: 'enabled' };
    store.replace(POD, { ...pod, metadata: { ...pod.metadata, annotations } });
  };
  for (const pod of store.list(POD)) capture(pod);
  const unsubscribe = store.subscribe(({ kind, type, object: pod }) => {
    if (kind === POD && type === 'ADDED') after(0, () => capture(pod));
  });
  closing.addEventListener('abort', unsubscribe);
  return {};
}

function asksForAmbient({ metadata: { namespace = '', labels = {} } }: KubeObject, store: Inside['store']): boolean {
  const home = store.get('core/Namespace', '', namespace)?.metadata.labels ?? {};
  return (labels[MODE] ?? home[MODE]) === 'ambient';
}
