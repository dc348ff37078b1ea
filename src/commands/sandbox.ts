import type { CommandDeclaration } from './define.ts';

export const sandbox: CommandDeclaration = {
  name: 'sandbox',
  summary: 'run a cluster to try things on, without Kubernetes',
  description: [
    'Runs an embedded Kubernetes API server on a loopback port until Ctrl-C, with the objects of a scenario in it. meshctl and kubectl talk to it as to any cluster; no container runs, and nothing outside this machine is contacted.',
    'Its kubeconfig is a temporary file, or the file that --kubeconfig names: a new one, or one that an earlier sandbox left. It is removed when the sandbox ends. Your own kubeconfig is neither read nor changed.',
  ].join('\n\n'),
  options: [
    { flags: '--scenario <name>', description: 'what the cluster holds; see --list', default: 'bookinfo', completes: 'scenarios' },
    { flags: '--port <port>', description: 'port of the API server on 127.0.0.1', defaultText: 'a free one' },
    { flags: '--kubeconfig <file>', description: 'where to write the kubeconfig', defaultText: 'a temporary file' },
    { flags: '--list', description: 'list the scenarios and stop' },
    { flags: '-o, --output <format>', description: 'output format', choices: ['text', 'json'], default: 'text' },
  ],
  examples: [
    { command: 'meshctl sandbox', does: 'run a healthy Istio mesh with the bookinfo application' },
    { command: 'meshctl sandbox --scenario subset-without-pods', does: 'run the same with a mistake to find' },
    { command: 'meshctl sandbox --list', does: 'see which scenarios there are' },
  ],
  load: () => import('./sandbox.run.ts'),
};
