/**
 * Policies that name by labels the workloads they apply to: what each of them selects, and which
 * of them meet at one workload or are the default of one namespace.
 */
import { has, listAt, stringMapAt } from '../../model/body.ts';
import { getOrInsert, groupBy } from '../../model/maps.ts';
import type { FieldPath, Kind, Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import { createdAt, oldestFirst } from './age.ts';
import { SIDECAR } from './kinds.ts';
import { type PolicyTarget, policyTargets } from './policy-targets.ts';

type Labels = Readonly<Record<string, string>>;

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
  return byCluster(oldestFirst(selecting(resources, kind))).flatMap((policies) => overlapsAmong(policies, resources, counts));
}

/** @param policies of one cluster, the oldest first */
function overlapsAmong(
  policies: readonly Resource[],
  resources: ResourceSet,
  counts: (target: PolicyTarget) => boolean,
): readonly Overlap[] {
  const targets = resources.derive(policyTargets);
  const selectors = new Map<PolicyTarget, Resource[]>();
  for (const policy of policies) {
    for (const target of targets.selectedBy(selectorOf(policy), policy.namespace)) {
      getOrInsert(selectors, target, () => []).push(policy);
    }
  }
  const found = new Map<Resource, { readonly rivals: Set<Resource>; readonly target: PolicyTarget }>();
  // Replicas and a Deployment beside its Pods are selected by the same group, which is looked at once.
  const groups = new Set<string>();
  for (const [target, group] of selectors) {
    if (group.length < 2 || !counts(target)) continue;
    const key = group.map((policy) => `${policy.namespace}/${policy.name}`).join(' ');
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
  return [...defaultsByNamespace(resources, kind).values()].flatMap(byCluster).flatMap(conflictsIn);
}

/** A control plane reads the configuration of its own cluster only, so that policies of different clusters never meet. */
function byCluster(policies: readonly Resource[]): readonly (readonly Resource[])[] {
  return [...groupBy(policies, (policy) => policy.cluster).values()];
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
