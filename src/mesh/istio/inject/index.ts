/**
 * The sidecar injector of Istio: what its webhook does to pods, done to manifests. Its templates, values and mesh
 * configuration come from the control plane, from files or from a chart; none are kept here.
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
 */
import type { Inject } from '../../../model/inject.ts';
import { NAMESPACE_INJECTION } from '../injection.ts';
import { DEFAULT_REVISION, REVISION_LABEL } from '../webhooks.ts';
import { uninject } from './uninject.ts';

export const inject: Inject = {
  flags: [
    {
      flags: '--native-sidecars <when>',
      description: 'run the proxy as a native sidecar: true, false, or auto, when all nodes have Kubernetes 1.33',
    },
    { flags: '--injector-config-map <name>', description: "ConfigMap with the injector's templates and values" },
    { flags: '--mesh-config-map <name>', description: 'ConfigMap with the mesh configuration' },
  ],
  // The template engine is large, and seldom needed.
  open: async (parameters) => (await import('./open.ts')).openInjector(parameters),
  uninject,
  // istiod looks at `istio-injection` first, whatever the other label says.
  namespaceMarks: ({ revision = DEFAULT_REVISION }) => ({
    labels:
      revision === DEFAULT_REVISION
        ? { [NAMESPACE_INJECTION]: 'enabled', [REVISION_LABEL]: null }
        : { [NAMESPACE_INJECTION]: null, [REVISION_LABEL]: revision },
  }),
};
