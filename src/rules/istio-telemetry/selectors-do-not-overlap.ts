import { TELEMETRY } from '../../mesh/istio/kinds.ts';
import { TARGET_KINDS } from '../../mesh/istio/policy-targets.ts';
import { describe, describeAll } from '../../mesh/istio/policy-wording.ts';
import { overlaps, selectorPath } from '../../mesh/istio/workload-policies.ts';
import type { Rule } from '../../model/rule.ts';

export const selectorsDoNotOverlap: Rule = {
  meta: {
    id: 'istio-telemetry/selectors-do-not-overlap',
    aliases: ['IST0159'],
    analyzers: ['telemetry.SelectorAnalyzer'],
    severity: 'error',
    summary: 'No workload is selected by two Telemetries.',
    why: 'Istio does not promise which of them wins where they configure the same metric, trace or log.',
    inputs: [TELEMETRY, ...TARGET_KINDS],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0159/',
    since: '0.1.0',
    bad: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: checkout-tracing, namespace: shop, creationTimestamp: "2026-03-01T09:00:00Z" }
spec:
  selector:
    matchLabels: { app: checkout }
  tracing:
    - randomSamplingPercentage: 100
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: backend-tracing, namespace: shop }
spec:
  selector:
    matchLabels: { tier: backend }
  tracing:
    - randomSamplingPercentage: 1
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
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: checkout-tracing, namespace: shop }
spec:
  selector:
    matchLabels: { app: checkout }
  tracing:
    - randomSamplingPercentage: 100
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: default, namespace: shop }
spec:
  tracing:
    - randomSamplingPercentage: 1
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
      'Each Telemetry is reported once, not once for each pod. The oldest one is not reported where the objects tell their age: the others came into its way.',
  },
  *check(resources) {
    for (const { policy, rivals, target } of overlaps(resources, TELEMETRY)) {
      yield {
        at: policy,
        path: selectorPath(policy),
        message: `${describeAll(rivals)} ${rivals.length === 1 ? 'selects' : 'select'} ${describe(target.resource)} too, and Istio does not promise which of them wins where they disagree.`,
        fix: 'Merge the Telemetries into one, or make their selectors exclude each other.',
        related: rivals,
      };
    }
  },
};
