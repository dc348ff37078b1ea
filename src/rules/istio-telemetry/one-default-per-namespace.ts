import { TELEMETRY } from '../../mesh/istio/kinds.ts';
import { describeAll } from '../../mesh/istio/policy-wording.ts';
import { rivalDefaults } from '../../mesh/istio/workload-policies.ts';
import type { Rule } from '../../model/rule.ts';

/** A Telemetry without selector is the default of its namespace, and in the root namespace that of the mesh. */
export const oneDefaultPerNamespace: Rule = {
  meta: {
    id: 'istio-telemetry/one-default-per-namespace',
    aliases: ['IST0160'],
    analyzers: ['telemetry.DefaultSelectorAnalyzer'],
    severity: 'error',
    summary: 'A namespace has at most one Telemetry without a selector.',
    why: 'Proxies use only the oldest of the Telemetries and ignore the others, even where they configure something else.',
    inputs: [TELEMETRY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0160/',
    since: '0.1.0',
    bad: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: mesh-default, namespace: istio-system, creationTimestamp: "2026-03-01T09:00:00Z" }
spec:
  accessLogging:
    - providers: [{ name: envoy }]
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: mesh-tracing, namespace: istio-system }
spec:
  tracing:
    - randomSamplingPercentage: 5
`,
    good: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: mesh-default, namespace: istio-system }
spec:
  accessLogging:
    - providers: [{ name: envoy }]
  tracing:
    - randomSamplingPercentage: 5
`,
    differs:
      "A Telemetry attached by targetRefs is nobody's default. The oldest one, which stays in force, is not reported where the objects tell their age.",
  },
  *check(resources) {
    for (const { policy, rivals } of rivalDefaults(resources, TELEMETRY)) {
      yield {
        at: policy,
        path: ['metadata', 'name'],
        message: `${describeAll(rivals)} ${rivals.length === 1 ? 'has' : 'have'} no selector either, and of those that are for the whole namespace "${policy.namespace}" only the oldest is used.`,
        fix: 'Merge the Telemetries into one, or give all but one a selector.',
        related: rivals,
      };
    }
  },
};
