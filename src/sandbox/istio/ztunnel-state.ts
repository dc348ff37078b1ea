/** What istiod tells every ztunnel: the workloads, Services and policies of the whole mesh. */
import { itemsAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import type { KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import { isRunning, workloadOf } from './proxy.ts';

const ROOT = 'istio-system';
const REDIRECTION = 'ambient.istio.io/redirection';
const USE_WAYPOINT = 'istio.io/use-waypoint';
const DOMAIN = 'svc.cluster.local';

export const isCaptured = (pod: KubeObject): boolean => pod.metadata.annotations?.[REDIRECTION] === 'enabled';

export const capturedOn = (node: string, store: Store): readonly KubeObject[] =>
  store.list('core/Pod').filter((pod) => isRunning(pod) && isCaptured(pod) && stringAt(pod, 'spec', 'nodeName') === node);

const uidOf = ({ metadata: { namespace, name } }: KubeObject): string => `Kubernetes//Pod/${namespace}/${name}`;

/** Waypoints act for others, and have none themselves. */
function waypointOf(object: KubeObject, store: Store): object {
  const { namespace = '', labels = {} } = object.metadata;
  const home = store.get('core/Namespace', '', namespace)?.metadata.labels ?? {};
  const name = labels[USE_WAYPOINT] ?? home[USE_WAYPOINT];
  const address = name && stringAt(store.get('core/Service', namespace, name), 'spec', 'clusterIP');
  const isOne = labels['gateway.networking.k8s.io/gateway-name'] === name;
  return address && !isOne ? { waypoint: { destination: `/${address}`, hboneMtlsPort: 15_008 } } : {};
}

export function workloadsIn(store: Store): readonly object[] {
  return store
    .list('core/Pod')
    .filter(isRunning)
    .map((pod) => {
      const { name, namespace, labels = {} } = pod.metadata;
      const tunnels = isCaptured(pod) || itemsAt(pod, 'spec', 'containers').some(({ item }) => item['name'] === 'istio-proxy');
      return {
        workloadIps: [stringAt(pod, 'status', 'podIP')],
        ...{ protocol: tunnels ? 'HBONE' : 'TCP', uid: uidOf(pod), name, namespace, trustDomain: 'cluster.local' },
        ...{ serviceAccount: stringAt(pod, 'spec', 'serviceAccountName') ?? 'default', workloadName: workloadOf(pod) },
        ...{
          workloadType: 'deployment',
          canonicalName: labels['app'] ?? workloadOf(pod),
          canonicalRevision: labels['version'] ?? 'latest',
        },
        ...{
          node: stringAt(pod, 'spec', 'nodeName'),
          authorizationPolicies: selecting(pod, store),
          status: isReady(pod) ? 'Healthy' : 'Unhealthy',
        },
        ...{ clusterId: 'Kubernetes', capacity: 1 },
      };
    });
}

const isReady = (pod: KubeObject): boolean =>
  itemsAt(pod, 'status', 'conditions').some(({ item }) => item['type'] === 'Ready' && item['status'] === 'True');

export function servicesIn(store: Store): readonly object[] {
  return store.list('core/Service').flatMap((service) => {
    const { name, namespace = '' } = service.metadata;
    const address = stringAt(service, 'spec', 'clusterIP');
    if (address === undefined || address === 'None') return [];
    const ports = itemsAt(service, 'spec', 'ports').map(({ item }) => [String(item['port']), numberAt(item, 'targetPort') ?? item['port']]);
    const behind = itemsAt(store.get('core/Endpoints', namespace, name), 'subsets')
      .flatMap(({ item }) => [...itemsAt(item, 'addresses'), ...itemsAt(item, 'notReadyAddresses')])
      .flatMap(({ item }) => store.get('core/Pod', namespace, stringAt(item, 'targetRef', 'name') ?? '') ?? []);
    return {
      ...{ name, namespace, hostname: `${name}.${namespace}.${DOMAIN}`, vips: [`/${address}`], ports: Object.fromEntries(ports) },
      endpoints: Object.fromEntries(behind.map((pod) => [uidOf(pod), { workloadUid: uidOf(pod), port: Object.fromEntries(ports) }])),
      ...waypointOf(service, store),
      ...{ subjectAltNames: [], ipFamilies: 'IPv4' },
    };
  });
}

/** Those that ztunnel can judge: without a target, which is for waypoints, and about nothing of HTTP. */
const transportPolicies = (store: Store): readonly KubeObject[] =>
  store
    .list('security.istio.io/AuthorizationPolicy')
    .filter(
      (policy) => itemsAt(policy, 'spec', 'targetRefs').length === 0 && Object.keys(objectAt(policy, 'spec', 'targetRef')).length === 0,
    );

const hasSelector = (policy: KubeObject): boolean => Object.keys(objectAt(policy, 'spec', 'selector', 'matchLabels')).length > 0;

export const policiesIn = (store: Store): readonly object[] =>
  transportPolicies(store).map((policy) => {
    const { name, namespace } = policy.metadata;
    const action = stringAt(policy, 'spec', 'action') ?? 'ALLOW';
    return {
      action: action === 'DENY' ? 'Deny' : 'Allow',
      ...{ name, namespace, rules: itemsAt(policy, 'spec', 'rules').map(({ item }) => [[item]]) },
      scope: hasSelector(policy) ? 'WorkloadSelector' : namespace === ROOT ? 'Global' : 'Namespace',
    };
  });

const selecting = ({ metadata }: KubeObject, store: Store): readonly string[] =>
  transportPolicies(store).flatMap((policy) => {
    const { name, namespace } = policy.metadata;
    const isHere = hasSelector(policy) && (namespace === metadata.namespace || namespace === ROOT);
    const labels = objectAt(policy, 'spec', 'selector', 'matchLabels') as Record<string, string>;
    return isHere && labelsMatch(labels, metadata.labels ?? {}) ? [`${namespace}/${name}`] : [];
  });
