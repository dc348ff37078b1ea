import type { LeftOverSign } from '../../model/install.ts';

/** What the mesh makes while it runs. */
export const leftOvers: readonly LeftOverSign[] = [
  {
    kind: 'core/Secret',
    namespace: 'kuma-system',
    name: /^(?:default\.ca-builtin-|zone-token-|dataplane-token-|user-token-|.*-tls-cert$)/,
    reason: 'the control plane keeps its keys in it',
  },
  { kind: 'apiextensions.k8s.io/CustomResourceDefinition', name: /\.kuma\.io$/, reason: 'definitions stay unless --crds is given' },
  { kind: 'core/Namespace', name: /^kuma-system$/, reason: 'namespaces stay unless --namespaces is given' },
];
