/** How workloads get Linkerd's proxy: by an annotation for the cluster's injector, or made here. Called by `meshctl inject`. */
import type { Inject } from '../../../model/inject.ts';
import { INJECT } from '../kinds.ts';
import { injector } from './injector.ts';
import { OPTIONS } from './options.ts';
import { uninject } from './uninject.ts';
import { readConfiguration } from './values.ts';

export const inject: Inject = {
  flags: [
    ...OPTIONS.flatMap(({ flag }) =>
      flag ? [{ flags: flag[1] === undefined ? `--${flag[0]}` : `--${flag[0]} ${flag[1]}`, description: flag[2] }] : [],
    ),
    { flags: '--ingress', description: 'let the proxy route by the Host header, for ingress controllers' },
    { flags: '--registry <name>', description: 'registry of the images' },
  ],
  // Proxies in the namespace inherit its annotations, and clients are told by the Service which of its ports are opaque.
  alsoConcerns: ['core/Namespace', 'core/Service'],
  open: async (parameters) => injector(await readConfiguration(parameters), parameters.manual),
  uninject,
  namespaceMarks: () => ({ annotations: { [INJECT]: 'enabled' } }),
};
