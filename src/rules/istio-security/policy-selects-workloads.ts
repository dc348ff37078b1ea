import { INJECTION_KINDS } from '../../mesh/istio/injection.ts';
import { AUTHORIZATION_POLICY, MESH_CONFIG } from '../../mesh/istio/kinds.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { policyTargets, TARGET_KINDS } from '../../mesh/istio/policy-targets.ts';
import { describe, unmatchedWording } from '../../mesh/istio/policy-wording.ts';
import { hasTargetRefs, selectorOf, selectorPath } from '../../mesh/istio/workload-policies.ts';
import { givenIn } from '../../model/absence.ts';
import type { Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Problem, Rule } from '../../model/rule.ts';
import { WORKLOAD_KINDS } from '../../model/workloads.ts';

/** The root namespace's policies select in every namespace, the others in their own. */
export const policySelectsWorkloads: Rule = {
  meta: {
    id: 'istio-security/policy-selects-workloads',
    aliases: ['IST0127', 'KIA0004'],
    analyzers: ['auth.AuthorizationPoliciesAnalyzer'],
    severity: 'warning',
    summary: 'Every AuthorizationPolicy applies to a workload of the mesh.',
    why: 'The policy protects nothing: what it should deny goes through.',
    inputs: [AUTHORIZATION_POLICY, ...TARGET_KINDS, ...INJECTION_KINDS, MESH_CONFIG],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0127/',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: only-get, namespace: shop }
spec:
  selector:
    matchLabels: { app: catalogue }
  rules:
    - to:
        - operation: { methods: [GET] }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: catalog, namespace: shop }
spec:
  template:
    metadata:
      labels: { app: catalog }
`,
    good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: only-get, namespace: shop }
spec:
  selector:
    matchLabels: { app: catalog }
  rules:
    - to:
        - operation: { methods: [GET] }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: catalog, namespace: shop }
spec:
  template:
    metadata:
      labels: { app: catalog }
`,
    differs:
      'A policy attached by targetRefs is not judged by workloads. Pod templates, virtual machines and the gateways of Gateway objects are workloads too, and all ways to inject a sidecar count.',
  },
  *check(resources) {
    const { rootNamespace } = resources.derive(meshConfig);
    const targets = resources.derive(policyTargets);
    for (const policy of resources.all(AUTHORIZATION_POLICY)) {
      const selector = selectorOf(policy);
      const isMeshWide = policy.namespace === rootNamespace;
      if (hasTargetRefs(policy) || (isMeshWide && Object.keys(selector).length === 0)) continue;
      const selected = targets.selectedBy(selector, isMeshWide ? undefined : policy.namespace);
      if (selected.some((target) => targets.dataplane(target) !== 'none')) continue;
      const outside = selected[0]?.resource;
      yield outside
        ? { at: policy, ...notInMesh(policy, outside, selected.length) }
        : { at: policy, ...nothingSelected(policy, isMeshWide, resources), absent: givenIn(resources, WORKLOAD_KINDS, policy.namespace) };
    }
  },
};

type Unselecting = Required<Pick<Problem, 'path' | 'message' | 'fix'>>;

function notInMesh(policy: Resource, outside: Resource, count: number): Unselecting {
  const others = count > 1 ? ` and ${count - 1} more` : '';
  return {
    path: Object.keys(selectorOf(policy)).length > 0 ? selectorPath(policy) : ['metadata', 'namespace'],
    message: `The policy applies to nothing: ${describe(outside)}${others} would be selected, but ${count > 1 ? 'have' : 'has'} no sidecar and ${count > 1 ? 'are' : 'is'} not in ambient mode.`,
    fix: 'Add the workloads to the mesh, or remove the policy.',
  };
}

function nothingSelected(policy: Resource, isMeshWide: boolean, resources: ResourceSet): Unselecting {
  const selector = selectorOf(policy);
  if (Object.keys(selector).length > 0) {
    const elsewhere = resources.derive(policyTargets).selectedBy(selector)[0]?.resource.namespace;
    return unmatchedWording({ policy, elsewhere }, isMeshWide ? 'the mesh' : undefined);
  }
  return {
    path: ['metadata', 'namespace'],
    message: `The policy applies to nothing: namespace "${policy.namespace}" has no workloads.`,
    fix: 'Move the policy to the namespace of the workloads that it is for, or remove it.',
  };
}
