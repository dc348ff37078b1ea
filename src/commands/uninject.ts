import type { CommandDeclaration } from './define.ts';

export const uninject: CommandDeclaration = {
  name: 'uninject',
  summary: 'take every trace of a mesh out of workloads',
  description: [
    'Reads manifests, takes out what injection has put in (containers, volumes, labels, annotations), and prints them; whatever is not touched comes out character by character. No cluster is asked.',
    'Exit code: 0 when it is done; 1 when a workload failed; 2 when the question or the input is broken.',
  ].join('\n\n'),
  argument: { name: '[input...]', description: 'files, directories, or - for standard input', completes: 'files' },
  options: [
    { flags: '-f, --filename <file>', description: 'the same as an argument, as kubectl has it', repeats: true, keepsCommas: true },
    {
      flags: '--mesh <mesh>',
      description: 'the mesh whose traces are taken out',
      choices: ['auto', 'istio', 'linkerd', 'kuma', 'consul', 'osm', 'appmesh'],
      defaultText: 'auto, every mesh',
    },
    { flags: '-n, --namespace <namespace>', description: 'namespace of objects that name none' },
    { flags: '--diff', description: 'print what would change instead' },
    {
      flags: '--on-error <what>',
      description: 'fail prints nothing when a document or workload is broken; skip prints those as they are',
      choices: ['fail', 'skip'],
      defaultText: 'fail',
    },
    {
      flags: '--report <format>',
      description: 'what became of each workload: text, json or yaml, on standard error; FORMAT=FILE writes to a file',
      defaultText: 'text',
    },
  ],
  examples: [
    { command: 'meshctl uninject -f injected.yaml | kubectl apply -f -', does: 'take workloads out of their mesh' },
    { command: 'kubectl get deploy -o yaml | meshctl uninject - --diff', does: 'see what injection has left in live workloads' },
  ],
  load: () => import('./uninject.run.ts'),
};
