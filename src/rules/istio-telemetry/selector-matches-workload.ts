import { TELEMETRY } from '../../mesh/istio/kinds.ts';
import { TARGET_KINDS } from '../../mesh/istio/policy-targets.ts';
import { unmatchedWording } from '../../mesh/istio/policy-wording.ts';
import { unmatchedSelectors } from '../../mesh/istio/workload-policies.ts';
import { givenIn } from '../../model/absence.ts';
import type { Rule } from '../../model/rule.ts';
import { WORKLOAD_KINDS } from '../../model/workloads.ts';

/** A Telemetry selects workloads of its own namespace only, in the root namespace too. */
export const selectorMatchesWorkload: Rule = {
  meta: {
    id: 'istio-telemetry/selector-matches-workload',
    aliases: ['IST0101'],
    analyzers: ['telemetry.SelectorAnalyzer'],
    severity: 'error',
    summary: 'Every Telemetry with a selector selects a workload.',
    why: 'The Telemetry applies to nothing, so the metrics, traces or logs that it asks for are not produced.',
    inputs: [TELEMETRY, ...TARGET_KINDS],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0101/',
    since: '0.1.0',
    bad: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: checkout, namespace: shop }
spec:
  selector:
    matchLabels: { app: chekout }
  tracing:
    - providers: [{ name: zipkin }]
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
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: checkout, namespace: shop }
spec:
  selector:
    matchLabels: { app: checkout }
  tracing:
    - providers: [{ name: zipkin }]
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
    for (const unmatched of unmatchedSelectors(resources, TELEMETRY)) {
      yield {
        at: unmatched.policy,
        ...unmatchedWording(unmatched),
        absent: givenIn(resources, WORKLOAD_KINDS, unmatched.policy.namespace),
      };
    }
  },
};
