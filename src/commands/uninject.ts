import type { CommandDeclaration } from './define.ts';
import { streamOptions } from './inject-flags.ts';

export const uninject: CommandDeclaration = {
  name: 'uninject',
  summary: 'take every trace of a mesh out of workloads',
  description: [
    'Reads manifests, takes out what injection has put in (containers, volumes, labels, annotations), and prints them; whatever is not touched comes out character by character. No cluster is asked.',
    'Exit code: 0 when it is done; 1 when a workload failed; 2 when the question or the input is broken.',
  ].join('\n\n'),
  argument: { name: '[input...]', description: 'files, directories, or - for standard input', completes: 'files' },
  options: [
    ...streamOptions,
    {
      flags: '--mesh <mesh>',
      description: 'the mesh whose traces are taken out',
      choices: ['auto', 'istio', 'linkerd', 'kuma', 'consul', 'osm', 'appmesh'],
      defaultText: 'auto, every mesh',
    },
  ],
  examples: [
    { command: 'meshctl uninject -f injected.yaml | kubectl apply -f -', does: 'take workloads out of their mesh' },
    { command: 'kubectl get deploy -o yaml | meshctl uninject - --diff', does: 'see what injection has left in live workloads' },
  ],
  load: () => import('./uninject.run.ts'),
};
