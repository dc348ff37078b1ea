/** What the selector of a policy can mean: pods, virtual machines, and the gateways that Istio creates for Gateway objects. */
import { stringAt, stringMapAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import { getOrInsert, groupByEach } from '../../model/maps.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import type { Derivation } from '../../model/resource-set.ts';
import { WORKLOAD_KINDS, type Workload, workloads } from '../../model/workloads.ts';
import { type Dataplane, injection } from './injection.ts';
import { KUBERNETES_GATEWAY, WORKLOAD_ENTRY, WORKLOAD_GROUP } from './kinds.ts';
import { machineLabels } from './machines.ts';

type Labels = Readonly<Record<string, string>>;

/** Labels of the pods of a Gateway API gateway: its name and its class. */
export const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';
export const GATEWAY_CLASS = 'gateway.networking.k8s.io/gateway-class-name';

/** Every kind that stands for something a selector can mean. */
export const TARGET_KINDS: readonly Kind[] = [...WORKLOAD_KINDS, WORKLOAD_ENTRY, WORKLOAD_GROUP, KUBERNETES_GATEWAY];

export interface PolicyTarget {
  readonly resource: Resource;
  readonly labels: Labels;
  /** Undefined for virtual machines and gateways to come, which always have a proxy. */
  readonly workload?: Workload;
}

export interface PolicyTargets {
  /** Targets that carry every entry of the selector; an empty selector selects all. */
  selectedBy(selector: Labels, namespace?: string): readonly PolicyTarget[];
  dataplane(target: PolicyTarget): Dataplane;
}

/** `app=web`, with the namespace before it → the targets that carry it; an empty entry stands for all targets. */
type TargetIndex = ReadonlyMap<string, readonly PolicyTarget[]>;

function indexTargets(targets: readonly PolicyTarget[]): TargetIndex {
  return groupByEach(targets, ({ resource, labels }) => {
    const entries = ['', ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)];
    return entries.flatMap((entry) => [`${resource.namespace} ${entry}`, ` ${entry}`]);
  });
}

/**
 * Labels of the pods that Istio runs for a Gateway object.
 * @see https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#resource-attachment-and-scaling
 */
function gatewayLabels({ name, body }: Resource): Labels {
  return {
    ...stringMapAt(body, 'spec', 'infrastructure', 'labels'),
    [GATEWAY_NAME]: name,
    [GATEWAY_CLASS]: stringAt(body, 'spec', 'gatewayClassName') ?? '',
  };
}

export const policyTargets: Derivation<PolicyTargets> = {
  name: 'istio policy targets',
  build(resources) {
    const targets: readonly PolicyTarget[] = [
      ...resources.derive(workloads).all.map((workload) => ({ resource: workload.resource, labels: workload.labels, workload })),
      ...[WORKLOAD_ENTRY, WORKLOAD_GROUP].flatMap((kind) =>
        resources.all(kind).map((resource) => ({ resource, labels: machineLabels(resource) })),
      ),
      ...resources.all(KUBERNETES_GATEWAY).map((resource) => ({ resource, labels: gatewayLabels(resource) })),
    ];
    const index = indexTargets(targets);
    const dataplanes = new Map<PolicyTarget, Dataplane>();
    return {
      selectedBy(selector, namespace = '') {
        const entries = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
        const [rarest = []] = (entries.length > 0 ? entries : [''])
          .map((entry) => index.get(`${namespace} ${entry}`) ?? [])
          .sort((left, right) => left.length - right.length);
        return entries.length > 1 ? rarest.filter((target) => labelsMatch(selector, target.labels)) : rarest;
      },
      dataplane: (target) =>
        getOrInsert(dataplanes, target, () => (target.workload ? resources.derive(injection).dataplane(target.workload) : 'sidecar')),
    };
  },
};
