import { INJECTION_KINDS } from '../../mesh/istio/injection.ts';
import { SIDECAR } from '../../mesh/istio/kinds.ts';
import { policyTargets, TARGET_KINDS } from '../../mesh/istio/policy-targets.ts';
import { describe, describeAll } from '../../mesh/istio/policy-wording.ts';
import { overlaps, selectorPath } from '../../mesh/istio/workload-policies.ts';
import type { Rule } from '../../model/rule.ts';

/** A proxy takes one Sidecar, the oldest whose selector matches; Sidecars are never merged. */
export const selectorsDoNotOverlap: Rule = {
  meta: {
    id: 'istio-sidecar/selectors-do-not-overlap',
    aliases: ['IST0110', 'KIA0003'],
    analyzers: ['sidecar.SelectorAnalyzer'],
    severity: 'error',
    summary: 'No workload is selected by two Sidecars.',
    why: 'A proxy uses only the oldest of the Sidecars and ignores the others without a word.',
    inputs: [SIDECAR, ...TARGET_KINDS, ...INJECTION_KINDS],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0110/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop, creationTimestamp: "2026-03-01T09:00:00Z" }
spec:
  workloadSelector:
    labels: { app: checkout }
  egress:
    - hosts: ["./*"]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: backend, namespace: shop }
spec:
  workloadSelector:
    labels: { tier: backend }
  egress:
    - hosts: ["./*", "billing/*"]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout, namespace: shop }
spec:
  template:
    metadata:
      labels: { app: checkout, tier: backend }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  workloadSelector:
    labels: { app: checkout }
  egress:
    - hosts: ["./*"]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: catalog, namespace: shop }
spec:
  workloadSelector:
    labels: { app: catalog }
  egress:
    - hosts: ["./*", "billing/*"]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout, namespace: shop }
spec:
  template:
    metadata:
      labels: { app: checkout, tier: backend }
`,
    differs:
      'Each Sidecar is reported once, not once for each pod. The oldest one, which stays in force, is not reported where the objects tell their age.',
  },
  *check(resources) {
    const targets = resources.derive(policyTargets);
    // A workload that ztunnel captures obeys no Sidecar at all; another rule says so.
    const found = overlaps(resources, SIDECAR, (target) => targets.dataplane(target) !== 'ambient');
    for (const { policy, rivals, target } of found) {
      yield {
        at: policy,
        path: selectorPath(policy),
        message: `${describeAll(rivals)} ${rivals.length === 1 ? 'selects' : 'select'} ${describe(target.resource)} too, and a proxy uses only one Sidecar, the oldest.`,
        fix: 'Merge the Sidecars into one, or make their selectors exclude each other.',
        related: rivals,
      };
    }
  },
};
