/** How findings of several families speak of policies and of what they select. */
import { formatLabels } from '../../model/labels.ts';
import { quotedName, type Resource, shortKind } from '../../model/resource.ts';
import type { Problem } from '../../model/rule.ts';
import { quotedList } from '../../text/words.ts';
import { selectorOf, selectorPath, type UnmatchedSelector } from './workload-policies.ts';

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
export function describe(resource: Resource): string {
  return resource.assumed ? 'the ingress gateway' : quotedName(resource);
}
