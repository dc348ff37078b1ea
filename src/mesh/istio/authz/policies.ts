/**
 * Which policies apply to a workload, and which proxy enforces each.
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/
 */

import { itemsAt, objectAt, stringAt } from '../../../model/body.ts';
import { labelsMatch } from '../../../model/labels.ts';
import type { Body, Kind, Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import type { Workload } from '../../../model/workloads.ts';
import { dataplaneOf } from '../dataplane.ts';
import { type Dataplane, isProxyOnly } from '../injection.ts';
import { KUBERNETES_GATEWAY, SERVICE, SERVICE_ENTRY } from '../kinds.ts';
import { meshConfig } from '../mesh-config.ts';
import { gatewayOfPod, isWaypointGateway, WAYPOINT_CLASS, waypointOf } from '../waypoints.ts';
import { hasTargetRefs, selectorOf } from '../workload-policies.ts';

type Scope = 'workload' | 'namespace' | 'mesh' | 'target';

/** A proxy that stands before the application. */
export interface Enforcer {
  readonly kind: 'sidecar' | 'gateway' | 'waypoint' | 'ztunnel' | 'nobody';
  /** The Gateway, of gateways of the Gateway API and of waypoints. */
  readonly gateway?: Resource | undefined;
  /** The services for which a waypoint acts here. */
  readonly services: readonly Resource[];
}

export interface Applied {
  readonly policy: Resource;
  readonly scope: Scope;
  /** With `target`: what it names. */
  readonly target?: string;
}

/** In the order in which a connection meets them: the waypoint, then what is at the workload. */
export function enforcersOf(workload: Workload, services: readonly Resource[], resources: ResourceSet): readonly Enforcer[] {
  const own = ownEnforcer(workload, resources);
  if (own.kind !== 'ztunnel') return [own];
  const used = [
    ...services.flatMap((service) => waypointOf(service, service.labels, 'service', resources) ?? []),
    ...[waypointOf(workload.resource, workload.labels, 'workload', resources)].flatMap((use) => use ?? []),
  ];
  const gateways = new Map(used.flatMap(({ gateway }) => (gateway ? [[`${gateway.namespace}/${gateway.name}`, gateway]] : [])));
  return [...[...gateways.values()].map((gateway): Enforcer => ({ kind: 'waypoint', gateway, services })), own];
}

function ownEnforcer(workload: Workload, resources: ResourceSet): Enforcer {
  const name = gatewayOfPod(workload.labels);
  const gateway = name === undefined ? undefined : resources.get(KUBERNETES_GATEWAY, workload.namespace, name);
  if (gateway) return { kind: isWaypointGateway(gateway) ? 'waypoint' : 'gateway', gateway, services: [] };
  if (isProxyOnly(workload)) return { kind: 'gateway', services: [] };
  const dataplane: Dataplane = dataplaneOf(workload, resources);
  return { kind: dataplane === 'ambient' ? 'ztunnel' : dataplane === 'none' ? 'nobody' : 'sidecar', services: [] };
}

/**
 * Policies of a kind with a selector or target references that the enforcer has for the workload; those of the root
 * namespace first, then by name.
 */
export function policiesAt(enforcer: Enforcer, workload: Workload, kind: Kind, resources: ResourceSet): readonly Applied[] {
  const { rootNamespace } = resources.derive(meshConfig);
  const home = enforcer.gateway?.namespace ?? workload.namespace;
  const homes = [...new Set([rootNamespace, home, ...enforcer.services.map(({ namespace }) => namespace)])];
  return homes.flatMap((namespace) =>
    [...resources.inNamespace(kind, namespace)]
      .sort((left, right) => (left.name < right.name ? -1 : 1))
      .flatMap((policy) => {
        const applied = hasTargetRefs(policy)
          ? byTarget(policy, enforcer, rootNamespace)
          : bySelector(policy, enforcer, workload, rootNamespace);
        return applied ? [applied] : [];
      }),
  );
}

/** Waypoints go by target references alone; what has a selector is for the ztunnel behind them. */
function bySelector(policy: Resource, { kind }: Enforcer, workload: Workload, rootNamespace: string): Applied | undefined {
  if (kind === 'waypoint') return undefined;
  if (policy.namespace !== workload.namespace && policy.namespace !== rootNamespace) return undefined;
  const selector = selectorOf(policy);
  if (!labelsMatch(selector, workload.labels)) return undefined;
  if (Object.keys(selector).length > 0) return { policy, scope: 'workload' };
  return { policy, scope: policy.namespace === rootNamespace ? 'mesh' : 'namespace' };
}

const targetRefsOf = ({ body }: Resource): readonly Body[] => {
  const single = objectAt(body, 'spec', 'targetRef');
  return [...itemsAt(body, 'spec', 'targetRefs').map(({ item }) => item), ...(Object.keys(single).length > 0 ? [single] : [])];
};

function byTarget(policy: Resource, { kind, gateway, services }: Enforcer, rootNamespace: string): Applied | undefined {
  if (!gateway || (kind !== 'waypoint' && kind !== 'gateway')) return undefined;
  for (const ref of targetRefsOf(policy)) {
    const [target, name = ''] = [stringAt(ref, 'kind') ?? '', stringAt(ref, 'name')];
    const isOfGateway = target === 'Gateway' && name === gateway.name && policy.namespace === gateway.namespace;
    const isOfClass = target === 'GatewayClass' && kind === 'waypoint' && name === WAYPOINT_CLASS && policy.namespace === rootNamespace;
    const named = services.find(
      (service) =>
        service.kind === (target === 'ServiceEntry' ? SERVICE_ENTRY : SERVICE) &&
        (target === 'Service' || target === 'ServiceEntry') &&
        service.name === name &&
        service.namespace === policy.namespace,
    );
    if (isOfGateway || isOfClass || named) {
      const place = isOfClass ? name : `${policy.namespace}/${name}`;
      return { policy, scope: 'target', target: `${target} ${place}` };
    }
  }
  return undefined;
}

/** `sidecar`, `waypoint shop/waypoint`. */
export function enforcerTitle({ kind, gateway }: Enforcer): string {
  return kind === 'waypoint' && gateway ? `waypoint ${gateway.namespace}/${gateway.name}` : kind;
}
