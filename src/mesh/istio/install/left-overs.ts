import type { LeftOverSign } from '../../../model/install.ts';

/** What istiod makes while it runs. */
export const leftOvers: readonly LeftOverSign[] = [
  { kind: 'core/ConfigMap', name: /^istio-ca-root-cert$/, reason: 'istiod publishes its root in every namespace' },
  { kind: 'core/Secret', name: /^istio-ca-secret$/, reason: 'istiod keeps its authority in it; a new istiod goes on with it' },
  {
    kind: 'core/ConfigMap',
    name: /^istio-(?:leader|namespace-controller-election|gateway-status-leader|.*-election)$/,
    reason: 'istiods choose a leader by it',
  },
  { kind: 'coordination.k8s.io/Lease', name: /^istio-/, reason: 'istiods choose a leader by it' },
  {
    kind: 'admissionregistration.k8s.io/MutatingWebhookConfiguration',
    name: /^istio-(?:revision-tag-|sidecar-injector)/,
    reason: 'it still injects: pods may not start any more',
  },
  {
    kind: 'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
    name: /^istio(?:d-default-validator|-validator-)/,
    reason: "it still validates: Istio's configuration may not be changed any more",
  },
  { kind: 'apiextensions.k8s.io/CustomResourceDefinition', name: /\.istio\.io$/, reason: 'definitions stay unless --crds is given' },
  { kind: 'core/Namespace', name: /^istio-system$/, reason: 'namespaces stay unless --namespaces is given' },
];
