import type { LeftOverSign } from '../../model/install.ts';

/** What the mesh makes while it runs. */
export const leftOvers: readonly LeftOverSign[] = [
  {
    kind: 'coordination.k8s.io/Lease',
    namespace: 'linkerd',
    name: /^policy-controller-write$/,
    reason: 'policy controllers choose a leader by it',
  },
  { kind: 'apiextensions.k8s.io/CustomResourceDefinition', name: /\.linkerd\.io$/, reason: 'definitions stay unless --crds is given' },
  { kind: 'core/Namespace', name: /^linkerd(?:-viz|-multicluster|-cni)?$/, reason: 'namespaces stay unless --namespaces is given' },
];
