import type { LeftOverSign } from '../../model/install.ts';

/** What the mesh makes while it runs. */
export const leftOvers: readonly LeftOverSign[] = [
  { kind: 'core/PersistentVolumeClaim', name: /^data-.*consul-server-/, reason: 'servers keep their data in it' },
  { kind: 'core/Secret', namespace: 'consul', name: /^consul-/, reason: 'keys and tokens that Consul made' },
  {
    kind: 'apiextensions.k8s.io/CustomResourceDefinition',
    name: /\.consul\.hashicorp\.com$/,
    reason: 'definitions stay unless --crds is given',
  },
  { kind: 'core/Namespace', name: /^consul$/, reason: 'namespaces stay unless --namespaces is given' },
];
