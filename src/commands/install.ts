import { clusterOptions } from './cluster-options.ts';
import type { CommandDeclaration } from './define.ts';
import { applyOptions, chartOptions, meshArgument, sourceOptions } from './install-options.ts';

export const install: CommandDeclaration = {
  name: 'install',
  summary: 'install a mesh from its official charts, without helm',
  description: [
    'Renders the charts of the mesh, shows what would change in the cluster, asks, applies it with server-side apply in the order of dependencies, and waits until everything is ready.',
    'Each component becomes a release in the format of Helm: "helm list" shows it, and helm may upgrade or uninstall it later.',
    'What another tool has installed is left alone: then the command says who manages it, and changes nothing.',
    'An installation that was interrupted goes on where it stopped when the same command is run again.',
    'Exit code: 0 when it is installed, or the plan was shown; 1 when it failed or was declined; 2 when the question is wrong, or nobody can be asked and --yes is missing; 3 when the cluster or the repository cannot be reached; 130 after Ctrl-C.',
  ].join('\n\n'),
  argument: meshArgument,
  options: [...chartOptions, ...sourceOptions, ...applyOptions, ...clusterOptions],
  examples: [
    { command: 'meshctl install istio', does: 'show the plan, ask, install the newest Istio, and wait until it is ready' },
    { command: 'meshctl install linkerd --plan', does: 'show what would be installed' },
    {
      command: 'meshctl install istio --profile ambient --set istiod:replicaCount=2 --yes',
      does: 'install with ambient mode and two istiods, without asking',
    },
    { command: 'meshctl install istio --dry-run > istio.yaml', does: 'print the manifests, for GitOps' },
    {
      command: 'meshctl install istio --chart base=charts/base --chart istiod=charts/istiod-1.30.1.tgz',
      does: 'install from charts on disk, without a network',
    },
  ],
  load: () => import('./install.run.ts'),
};
