import type { Rule } from '../../model/rule.ts';
import { UNDECIDED_INPUTS, undecidedNamespaces } from './_namespaces.ts';

/** With `enableNamespacesByDefault`, the injector takes silence for consent. */
export const namespaceInjectedByDefault: Rule = {
  meta: {
    id: 'istio-injection/namespace-injected-by-default',
    aliases: ['IST0148'],
    analyzers: ['injection.Analyzer'],
    severity: 'info',
    summary: 'Every namespace chooses injection itself, where the installation injects all that do not.',
    why: 'Pods of the namespace get a sidecar although nobody asked for it there.',
    inputs: UNDECIDED_INPUTS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0148/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio-sidecar-injector, namespace: istio-system }
data:
  values: '{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}'
`,
    good: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: { istio-injection: enabled }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio-sidecar-injector, namespace: istio-system }
data:
  values: '{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}'
`,
    differs: 'The webhooks decide when they are part of the input, so a revision behind the tag "default" counts as well.',
  },
  *check(resources) {
    for (const { namespace, isInjected } of undecidedNamespaces(resources)) {
      if (!isInjected) continue;
      yield {
        at: namespace,
        path: ['metadata', 'name'],
        message: `Namespace "${namespace.name}" carries no injection label, but its pods get a sidecar: Istio is installed with "enableNamespacesByDefault".`,
        fix: 'Label it "istio-injection=enabled" if that is wanted, or "istio-injection=disabled" to keep it out of the mesh.',
      };
    }
  },
};
