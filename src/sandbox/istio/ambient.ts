/**
 * What istiod knows of ambient mode and sends to every ztunnel: workloads, services and policies of the fourth layer.
 * @see https://github.com/istio/istio/blob/master/pkg/workloadapi/workload.proto
 */
import { stringAt } from '../../model/body.ts';
import type { KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import { type AmbientPolicy, ambientPolicies } from './ambient-policies.ts';
import { isReadyPod, isRunning, proxyOf, workloadOf } from './proxy.ts';
import type { MeshService, MeshView } from './view.ts';

export interface AmbientPort {
  readonly servicePort: number;
  readonly targetPort: number;
}

export interface AmbientWorkload {
  readonly pod: KubeObject;
  readonly uid: string;
  readonly address: string;
  readonly isHealthy: boolean;
  /** Reached by HBONE: ztunnel captures it, or it is a waypoint. */
  readonly isTunnelled: boolean;
  /** `namespace/name` of those that select it. */
  readonly policies: readonly string[];
  readonly canonical: { readonly name: string; readonly revision: string };
  readonly workloadName: string;
  /** By `namespace/host`. */
  readonly services: ReadonlyMap<string, readonly AmbientPort[]>;
}

export interface AmbientService {
  readonly service: MeshService;
  readonly ports: readonly AmbientPort[];
  /** Host of the waypoint that traffic to it passes. */
  readonly waypoint: string | undefined;
}

export interface Ambient {
  readonly workloads: readonly AmbientWorkload[];
  readonly services: readonly AmbientService[];
  readonly policies: readonly AmbientPolicy[];
}

const USE_WAYPOINT = 'istio.io/use-waypoint';
const REDIRECTION = 'ambient.istio.io/redirection';

export const isZtunnel = (pod: KubeObject): boolean => pod.metadata.labels?.['app'] === 'ztunnel';

export function ambientOf(store: Store, view: MeshView): Ambient {
  const services = view.services.map((service) => ({ service, ports: portsOf(service), waypoint: waypointOf(service, store) }));
  const byPod = new Map<string, Map<string, readonly AmbientPort[]>>();
  for (const { service, ports } of services) {
    for (const pod of service.pods) {
      const key = pod.metadata.uid ?? '';
      const own = byPod.get(key) ?? new Map<string, readonly AmbientPort[]>();
      byPod.set(key, own.set(`${service.namespace}/${service.host}`, ports));
    }
  }
  const strict = new Set(
    view
      .configuration('PeerAuthentication')
      .filter((policy) => stringAt(policy, 'spec', 'mtls', 'mode') === 'STRICT')
      .map(({ metadata }) => metadata.namespace),
  );
  const isStrict = ({ metadata: { namespace, annotations = {} } }: KubeObject): boolean =>
    strict.has(namespace) && annotations[REDIRECTION] === 'enabled';
  const policies = ambientPolicies(view, isStrict);
  const workloads = store
    .list('core/Pod')
    .filter(isRunning)
    .map((pod) => workload(pod, byPod.get(pod.metadata.uid ?? '') ?? new Map(), policies));
  return { workloads, services, policies };
}

const portsOf = ({ ports }: MeshService): readonly AmbientPort[] =>
  ports.map(({ port, targetPort }) => ({ servicePort: port, targetPort }));

function waypointOf({ namespace, name }: MeshService, store: Store): string | undefined {
  const home = store.get('core/Namespace', '', namespace)?.metadata.labels ?? {};
  const waypoint = store.get('core/Service', namespace, name)?.metadata.labels?.[USE_WAYPOINT] ?? home[USE_WAYPOINT];
  return waypoint === undefined || waypoint === name ? undefined : `${waypoint}.${namespace}.svc.cluster.local`;
}

function workload(pod: KubeObject, services: AmbientWorkload['services'], policies: readonly AmbientPolicy[]): AmbientWorkload {
  const { name, namespace = '', labels = {}, annotations = {} } = pod.metadata;
  const workloadName = workloadOf(pod);
  return {
    ...{ pod, workloadName, services },
    uid: `Kubernetes//Pod/${namespace}/${name}`,
    address: stringAt(pod, 'status', 'podIP') ?? '',
    isHealthy: isReadyPod(pod),
    isTunnelled: annotations[REDIRECTION] === 'enabled' || proxyOf(pod)?.type === 'waypoint',
    policies: policies.filter(({ selects }) => selects(pod)).map((policy) => `${policy.namespace}/${policy.name}`),
    canonical: { name: labels['app'] ?? workloadName, revision: labels['version'] ?? 'latest' },
  };
}
