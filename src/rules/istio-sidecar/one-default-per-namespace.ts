import { INJECTION_KINDS } from '../../mesh/istio/injection.ts';
import { MESH_CONFIG, SIDECAR } from '../../mesh/istio/kinds.ts';
import { TARGET_KINDS } from '../../mesh/istio/policy-targets.ts';
import { describeAll } from '../../mesh/istio/policy-wording.ts';
import { rivalDefaults } from '../../mesh/istio/workload-policies.ts';
import type { Rule } from '../../model/rule.ts';
import { isForAmbientOnly } from './_ambient.ts';

/** A Sidecar without selector is the default of its namespace, and in the root namespace that of the mesh. */
export const oneDefaultPerNamespace: Rule = {
  meta: {
    id: 'istio-sidecar/one-default-per-namespace',
    aliases: ['IST0111', 'KIA0002'],
    analyzers: ['sidecar.SelectorAnalyzer'],
    severity: 'error',
    summary: 'A namespace has at most one Sidecar without a workload selector.',
    why: 'Proxies use only the oldest of the Sidecars and ignore the others without a word.',
    inputs: [SIDECAR, ...TARGET_KINDS, ...INJECTION_KINDS, MESH_CONFIG],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0111/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop, creationTimestamp: "2026-03-01T09:00:00Z" }
spec:
  egress:
    - hosts: ["./*", "istio-system/*"]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: allow-billing, namespace: shop }
spec:
  egress:
    - hosts: ["billing/*"]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec:
  egress:
    - hosts: ["./*", "istio-system/*", "billing/*"]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: billing }
spec:
  egress:
    - hosts: ["./*", "istio-system/*"]
`,
    differs: 'The oldest Sidecar, which stays in force, is not reported where the objects tell their age.',
  },
  *check(resources) {
    for (const { policy, rivals } of rivalDefaults(resources, SIDECAR)) {
      // No Sidecar applies there at all, which another rule says.
      if (isForAmbientOnly(policy, resources)) continue;
      yield {
        at: policy,
        path: ['metadata', 'name'],
        message: `${describeAll(rivals)} ${rivals.length === 1 ? 'has' : 'have'} no workload selector either, and of those that are for the whole namespace "${policy.namespace}" only the oldest is used.`,
        fix: 'Merge the Sidecars into one, or give all but one a workload selector.',
        related: rivals,
      };
    }
  },
};
