import { clusterOptions } from './cluster-options.ts';
import type { CommandDeclaration } from './define.ts';
import { applyOptions, chartOptions, meshArgument, sourceOptions } from './install-options.ts';

export const upgrade: CommandDeclaration = {
  name: 'upgrade',
  summary: 'upgrade a mesh that meshctl or helm installed',
  description: [
    'Finds the releases of the mesh, whoever made them of meshctl and helm, shows what another version or other values would change, asks, applies it and waits until everything is ready.',
    'Values that were given before stay; --reset-values begins anew. Certificates that were generated stay too.',
    'With --revision the new control plane stands beside the old one, and namespaces move to it one by one: a canary upgrade.',
    'Exit code: 0 when it is upgraded, or the plan was shown; 1 when it failed or was declined; 2 when the question is wrong, or nobody can be asked and --yes is missing; 3 when the cluster or the repository cannot be reached; 130 after Ctrl-C.',
  ].join('\n\n'),
  argument: meshArgument,
  options: [
    ...chartOptions,
    { flags: '--reset-values', description: 'forget the values that were given before' },
    { flags: '--renew', description: 'make generated certificates anew' },
    { flags: '--force', description: 'go back to an older minor version' },
    ...sourceOptions,
    ...applyOptions,
    ...clusterOptions,
  ],
  examples: [
    { command: 'meshctl upgrade istio', does: 'upgrade to the newest Istio' },
    { command: 'meshctl upgrade istio --version 1.30.1 --plan', does: 'see what a version would change' },
    { command: 'meshctl upgrade linkerd --atomic --yes', does: 'upgrade without asking, and go back when it fails' },
    { command: 'meshctl upgrade istio --revision 1-30', does: 'put a new control plane beside the old one' },
  ],
  load: () => import('./upgrade.run.ts'),
};
