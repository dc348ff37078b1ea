import { SIDECAR } from '../../mesh/istio/kinds.ts';
import { TARGET_KINDS } from '../../mesh/istio/policy-targets.ts';
import { unmatchedWording } from '../../mesh/istio/policy-wording.ts';
import { unmatchedSelectors } from '../../mesh/istio/workload-policies.ts';
import { givenIn } from '../../model/absence.ts';
import type { Rule } from '../../model/rule.ts';
import { WORKLOAD_KINDS } from '../../model/workloads.ts';

/** A Sidecar selects workloads of its own namespace only, in the root namespace too. */
export const selectorMatchesWorkload: Rule = {
  meta: {
    id: 'istio-sidecar/selector-matches-workload',
    aliases: ['IST0101', 'KIA0004'],
    analyzers: ['sidecar.SelectorAnalyzer'],
    severity: 'error',
    summary: 'Every Sidecar with a selector selects a workload.',
    why: 'The Sidecar applies to nothing, so proxies keep the configuration that it was meant to replace.',
    inputs: [SIDECAR, ...TARGET_KINDS],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0101/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  workloadSelector:
    labels: { app: chekout }
  egress:
    - hosts: ["./*", "istio-system/*"]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout, namespace: shop }
spec:
  template:
    metadata:
      labels: { app: checkout }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  workloadSelector:
    labels: { app: checkout }
  egress:
    - hosts: ["./*", "istio-system/*"]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout, namespace: shop }
spec:
  template:
    metadata:
      labels: { app: checkout }
`,
    differs: 'Pod templates, virtual machines and the gateways of Gateway objects are workloads too, not only Pods.',
  },
  *check(resources) {
    for (const unmatched of unmatchedSelectors(resources, SIDECAR)) {
      yield {
        at: unmatched.policy,
        ...unmatchedWording(unmatched),
        absent: givenIn(resources, WORKLOAD_KINDS, unmatched.policy.namespace),
      };
    }
  },
};
