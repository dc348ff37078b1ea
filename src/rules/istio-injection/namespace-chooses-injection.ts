import type { Rule } from '../../model/rule.ts';
import { UNDECIDED_INPUTS, undecidedNamespaces } from './_namespaces.ts';

/** Injection is opt-in: pods of a namespace without any label start without a proxy, and nobody is told. */
export const namespaceChoosesInjection: Rule = {
  meta: {
    id: 'istio-injection/namespace-chooses-injection',
    aliases: ['IST0102'],
    analyzers: ['injection.Analyzer'],
    severity: 'info',
    summary: 'Every namespace says whether its pods belong to the mesh.',
    why: 'Pods of a namespace without a label start without a sidecar, so mesh policy, mTLS and telemetry do not cover them.',
    inputs: UNDECIDED_INPUTS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0102/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec: { hosts: [reviews] }
`,
    good: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: { istio-injection: enabled }
---
apiVersion: v1
kind: Namespace
metadata:
  name: batch
  labels: { istio-injection: disabled }
`,
    differs:
      'Silent where nothing is left to choose: without any sign of Istio, in namespaces of a control plane or reserved for the platform, where each pod chooses for itself, and in an empty namespace "default" (istio/istio#30874).',
  },
  *check(resources) {
    for (const { namespace, isInjected } of undecidedNamespaces(resources)) {
      if (isInjected) continue;
      yield {
        at: namespace,
        path: ['metadata', 'name'],
        message: `Namespace "${namespace.name}" does not say whether its pods belong to the mesh; they start without a sidecar.`,
        fix: `Label it "istio-injection=enabled", "istio.io/rev=<revision>" or "istio.io/dataplane-mode=ambient" to bring it into the mesh, or "istio-injection=disabled" to keep it out.`,
      };
    }
  },
};
