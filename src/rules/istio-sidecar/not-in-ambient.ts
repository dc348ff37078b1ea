import { INJECTION_KINDS } from '../../mesh/istio/injection.ts';
import { MESH_CONFIG, SIDECAR } from '../../mesh/istio/kinds.ts';
import { policyTargets, TARGET_KINDS } from '../../mesh/istio/policy-targets.ts';
import { describe } from '../../mesh/istio/policy-wording.ts';
import { selectorOf, selectorPath } from '../../mesh/istio/workload-policies.ts';
import type { Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Problem, Rule } from '../../model/rule.ts';
import { isForAmbientOnly } from './_ambient.ts';

/** Ztunnel and waypoints know every service; nothing in ambient mode reads Sidecars. */
export const notInAmbient: Rule = {
  meta: {
    id: 'istio-sidecar/not-in-ambient',
    aliases: ['IST0167'],
    analyzers: ['sidecar.SelectorAnalyzer'],
    severity: 'warning',
    summary: 'No Sidecar is meant for workloads in ambient mode.',
    why: 'These workloads have no sidecar, so the limits and ports that the object configures do not exist.',
    inputs: [SIDECAR, ...TARGET_KINDS, ...INJECTION_KINDS, MESH_CONFIG],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0167/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio.io/dataplane-mode: ambient } }
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec:
  egress:
    - hosts: ["./*"]
`,
    good: `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec:
  egress:
    - hosts: ["./*"]
`,
    differs:
      'Ambient mode is told by the labels of pods and namespaces too, not only by the mark that the node agent leaves on running pods.',
  },
  *check(resources) {
    for (const sidecar of resources.all(SIDECAR)) {
      const hasSelector = Object.keys(selectorOf(sidecar)).length > 0;
      const problem = hasSelector ? selectedInAmbient(sidecar, resources) : namespaceInAmbient(sidecar, resources);
      if (problem)
        yield { at: sidecar, fix: 'Remove the Sidecar; in ambient mode, limit who calls whom by AuthorizationPolicies.', ...problem };
    }
  },
};

type Place = Pick<Problem, 'path' | 'message'>;

function selectedInAmbient(sidecar: Resource, resources: ResourceSet): Place | undefined {
  const targets = resources.derive(policyTargets);
  const captured = targets.selectedBy(selectorOf(sidecar), sidecar.namespace).find((target) => targets.dataplane(target) === 'ambient');
  if (!captured) return undefined;
  return {
    path: selectorPath(sidecar),
    message: `${describe(captured.resource)} is in ambient mode, where the Sidecar has no effect.`,
  };
}

function namespaceInAmbient(sidecar: Resource, resources: ResourceSet): Place | undefined {
  if (!isForAmbientOnly(sidecar, resources)) return undefined;
  return {
    path: ['metadata', 'namespace'],
    message: `Namespace "${sidecar.namespace}" is in ambient mode, where the Sidecar has no effect.`,
  };
}
