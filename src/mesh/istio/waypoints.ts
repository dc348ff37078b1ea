/**
 * Waypoints: which one acts for a service or a workload in ambient mode, as the labels say.
 * @see https://istio.io/latest/docs/ambient/usage/waypoint/
 */
import { stringAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import { KUBERNETES_GATEWAY, NAMESPACE } from './kinds.ts';
import { GATEWAY_NAME } from './policy-targets.ts';

export const WAYPOINT_CLASS = 'istio-waypoint';
const USE = 'istio.io/use-waypoint';
const USE_NAMESPACE = 'istio.io/use-waypoint-namespace';
const WAYPOINT_FOR = 'istio.io/waypoint-for';

export interface WaypointUse {
  readonly namespace: string;
  readonly name: string;
  /** The object whose label asks for it: the service or pod itself, or its namespace. */
  readonly askedBy: Resource;
  /** The Gateway; undefined when there is none of that name. */
  readonly gateway: Resource | undefined;
}

type Labels = Readonly<Record<string, string>>;

/**
 * @param user a service, or what makes the pods
 * @param labels of the user; for a workload those of its pods
 * @returns undefined when none is asked for, or none that acts for such users
 */
export function waypointOf(user: Resource, labels: Labels, use: 'service' | 'workload', resources: ResourceSet): WaypointUse | undefined {
  const namespace = resources.get(NAMESPACE, '', user.namespace);
  const own = labels[USE] === undefined ? undefined : { labels, askedBy: user };
  const asking = own ?? (namespace?.labels[USE] === undefined ? undefined : { labels: namespace.labels, askedBy: namespace });
  const name = asking?.labels[USE];
  if (!asking || !name || name === 'none') return undefined;
  const home = asking.labels[USE_NAMESPACE] || user.namespace;
  const gateway = resources.get(KUBERNETES_GATEWAY, home, name);
  const actsFor = gateway?.labels[WAYPOINT_FOR] ?? 'service';
  return actsFor === 'all' || actsFor === use ? { namespace: home, name, askedBy: asking.askedBy, gateway } : undefined;
}

export const isWaypointGateway = ({ body }: Resource): boolean => stringAt(body, 'spec', 'gatewayClassName') === WAYPOINT_CLASS;

/** Name of the Gateway that the pod is the proxy of; undefined for any other pod. */
export const gatewayOfPod = (labels: Labels): string | undefined => labels[GATEWAY_NAME];
