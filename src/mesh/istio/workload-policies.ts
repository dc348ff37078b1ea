/**
 * Policies that name by labels the workloads they apply to: what each of them selects, and which
 * of them meet at one workload or are the default of one namespace.
 */
import { has, listAt, stringAt, stringMapAt } from '../../model/body.ts';
import { formatLabels, labelsMatch } from '../../model/labels.ts';
import { getOrInsert, groupBy, groupByEach } from '../../model/maps.ts';
import { type FieldPath, type Kind, type Resource, shortKind } from '../../model/resource.ts';
import type { Derivation, ResourceSet } from '../../model/resource-set.ts';
import type { Problem } from '../../model/rule.ts';
import { WORKLOAD_KINDS, type Workload, workloads } from '../../model/workloads.ts';
import { quotedList } from '../../text/words.ts';
import { type Dataplane, injection } from './injection.ts';
import { KUBERNETES_GATEWAY, SIDECAR, WORKLOAD_ENTRY, WORKLOAD_GROUP } from './kinds.ts';

type Labels = Readonly<Record<string, string>>;

/** Every kind that stands for something a selector can mean. */
export const TARGET_KINDS: readonly Kind[] = [...WORKLOAD_KINDS, WORKLOAD_ENTRY, WORKLOAD_GROUP, KUBERNETES_GATEWAY];

/** Pods, virtual machines, and the gateways that Istio creates for Gateway objects. */
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

/** Labels of a virtual machine: those of the object, which its proxy reports, and those of its endpoint. */
function machineLabels(resource: Resource): Labels {
  return resource.kind === WORKLOAD_GROUP
    ? { ...stringMapAt(resource.body, 'spec', 'template', 'labels'), ...stringMapAt(resource.body, 'spec', 'metadata', 'labels') }
    : { ...stringMapAt(resource.body, 'spec', 'labels'), ...resource.labels };
}

/**
 * Labels of the pods that Istio runs for a Gateway object.
 * @see https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#resource-attachment-and-scaling
 */
function gatewayLabels({ name, body }: Resource): Labels {
  return {
    ...stringMapAt(body, 'spec', 'infrastructure', 'labels'),
    'gateway.networking.k8s.io/gateway-name': name,
    'gateway.networking.k8s.io/gateway-class-name': stringAt(body, 'spec', 'gatewayClassName') ?? '',
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

/** Where and how to say that a policy's selector matches nothing. */
export function unmatchedWording({ policy, elsewhere }: UnmatchedSelector, place = `namespace "${policy.namespace}"`): UnmatchedWording {
  const kind = shortKind(policy.kind);
  return {
    path: selectorPath(policy),
    message: `No workload of ${place} has the labels "${formatLabels(selectorOf(policy))}", so the ${kind} applies to nothing.`,
    fix: elsewhere
      ? `Move the ${kind} to namespace "${elsewhere}", where such workloads are, or correct its labels.`
      : 'Use labels that the pods carry.',
  };
}

type UnmatchedWording = Required<Pick<Problem, 'path' | 'message' | 'fix'>>;

/** `Sidecar "a"`, `Sidecars "a" and "b"`. */
export function describeAll(policies: readonly Resource[]): string {
  const kind = policies[0] ? shortKind(policies[0].kind) : '';
  const plural = kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`;
  return `${policies.length === 1 ? kind : plural} ${quotedList(policies.map(({ name }) => name))}`;
}

/** `Deployment "cart"`, for messages about objects of one namespace. */
export function describe({ kind, name, assumed }: Resource): string {
  return assumed ? 'the ingress gateway' : `${shortKind(kind)} "${name}"`;
}

/** Where a policy keeps the labels it selects by. */
export function selectorPath(policy: Resource): FieldPath {
  return policy.kind === SIDECAR ? ['spec', 'workloadSelector', 'labels'] : ['spec', 'selector', 'matchLabels'];
}

/** The labels a policy selects by; empty for one that applies to its whole namespace, or to the mesh. */
export function selectorOf(policy: Resource): Labels {
  return stringMapAt(policy.body, ...selectorPath(policy));
}

/** True when the policy is attached to gateways or services by name; its selector then counts for nothing. */
export function hasTargetRefs({ body }: Resource): boolean {
  return listAt(body, 'spec', 'targetRefs').length > 0 || has(body, 'spec', 'targetRef');
}

/** Policies with a selector that are not attached by name. */
function selecting(resources: ResourceSet, kind: Kind): readonly Resource[] {
  return resources.all(kind).filter((policy) => !hasTargetRefs(policy) && Object.keys(selectorOf(policy)).length > 0);
}

export interface UnmatchedSelector {
  readonly policy: Resource;
  /** A namespace where the selector would match; undefined when there is none. */
  readonly elsewhere: string | undefined;
}

/** Policies whose selector matches nothing in their own namespace. */
export function unmatchedSelectors(resources: ResourceSet, kind: Kind): readonly UnmatchedSelector[] {
  const targets = resources.derive(policyTargets);
  return selecting(resources, kind).flatMap((policy) => {
    const selector = selectorOf(policy);
    if (targets.selectedBy(selector, policy.namespace).length > 0) return [];
    return [{ policy, elsewhere: targets.selectedBy(selector)[0]?.resource.namespace }];
  });
}

export interface Conflict {
  readonly policy: Resource;
  /** The others that apply to the same. */
  readonly rivals: readonly Resource[];
}

export interface Overlap extends Conflict {
  /** One workload that the policy and a rival select. */
  readonly target: PolicyTarget;
}

/**
 * Policies of one kind that get in the way of others of their namespace by selecting the same workload.
 * @param counts false for workloads where several policies do no harm
 */
export function overlaps(resources: ResourceSet, kind: Kind, counts: (target: PolicyTarget) => boolean = () => true): readonly Overlap[] {
  const targets = resources.derive(policyTargets);
  const selectors = new Map<PolicyTarget, Resource[]>();
  for (const policy of oldestFirst(selecting(resources, kind))) {
    for (const target of targets.selectedBy(selectorOf(policy), policy.namespace)) {
      getOrInsert(selectors, target, () => []).push(policy);
    }
  }
  const found = new Map<Resource, { readonly rivals: Set<Resource>; readonly target: PolicyTarget }>();
  // Replicas and a Deployment beside its Pods are selected by the same group, which is looked at once.
  const groups = new Set<string>();
  for (const [target, group] of selectors) {
    if (group.length < 2 || !counts(target)) continue;
    const key = group.map((policy) => `${policy.cluster ?? ''}/${policy.namespace}/${policy.name}`).join(' ');
    if (groups.has(key)) continue;
    groups.add(key);
    for (const { policy, rivals } of conflictsIn(group)) {
      const overlap = getOrInsert(found, policy, () => ({ rivals: new Set(), target }));
      for (const rival of rivals) overlap.rivals.add(rival);
    }
  }
  return [...found].map(([policy, { rivals, target }]) => ({ policy, rivals: [...rivals], target }));
}

/** Policies of one kind that apply to their whole namespace although another one does already. */
export function rivalDefaults(resources: ResourceSet, kind: Kind): readonly Conflict[] {
  return [...defaultsByNamespace(resources, kind).values()].flatMap(conflictsIn);
}

/**
 * Who is in the way in a group of policies of which one can apply. Of objects of a cluster the
 * oldest is in force and the others are in its way; of new objects nobody can say.
 * @param group the oldest first
 */
function conflictsIn(group: readonly Resource[]): readonly Conflict[] {
  const [first, second] = group;
  if (!first || !second) return [];
  const settled = createdAt(first) < createdAt(second);
  return group.slice(settled ? 1 : 0).map((policy) => ({ policy, rivals: group.filter((rival) => rival !== policy) }));
}

/** Policies that apply to their whole namespace, by namespace, the oldest first. */
export function defaultsByNamespace(resources: ResourceSet, kind: Kind): ReadonlyMap<string, readonly Resource[]> {
  const defaults = resources.all(kind).filter((policy) => !hasTargetRefs(policy) && Object.keys(selectorOf(policy)).length === 0);
  return groupBy(oldestFirst(defaults), (policy) => policy.namespace);
}

/** Later than any date for an object of a file, which is the youngest once it is applied. */
function createdAt(policy: Resource): string {
  return stringAt(policy.body, 'metadata', 'creationTimestamp') ?? '9999';
}

/** In the order in which Istio prefers objects where only one can apply: by age, then by name and namespace. */
export function oldestFirst(policies: readonly Resource[]): readonly Resource[] {
  const ranked = policies.map((policy) => ({ policy, rank: `${createdAt(policy)} ${policy.name}.${policy.namespace}` }));
  return ranked.sort((left, right) => (left.rank < right.rank ? -1 : 1)).map(({ policy }) => policy);
}
