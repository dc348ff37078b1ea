/** How workloads get Kuma's proxy: by a label for the cluster's webhook, or made here. Called by `meshctl inject`. */
import type { Inject } from '../../../model/inject.ts';
import { readConfiguration } from './configuration.ts';
import { injector } from './injector.ts';
import { INJECTION } from './keys.ts';
import { uninject } from './uninject.ts';

export const inject: Inject = {
  flags: [
    { flags: '--kuma-mesh <name>', description: 'Mesh that the workloads join' },
    { flags: '--control-plane-url <url>', description: 'where proxies find the control plane' },
    { flags: '--ca-cert <file>', description: 'certificate, in PEM, by which proxies know the control plane' },
    { flags: '--container-patches <file>', description: 'ContainerPatches that workloads ask for' },
  ],
  alsoConcerns: ['core/Namespace'],
  open: async (parameters) => injector(await readConfiguration(parameters), parameters.manual),
  uninject,
  namespaceMarks: () => ({ labels: { [INJECTION]: 'enabled' } }),
};
