import type { CommandDeclaration } from './define.ts';

export const analyze: CommandDeclaration = {
  name: 'analyze',
  summary: 'find what is wrong in mesh configuration',
  description: [
    'Reads Kubernetes manifests and reports what is wrong in their mesh configuration, with the line and column of each finding.',
    'Every kind in the input takes part: Services, workloads, Namespaces and Secrets answer the references of mesh resources.',
    'What cannot be judged because its counterpart is not part of the input is listed as not checked; --complete declares the input whole.',
    'Exit code: 0 when nothing at or above --fail-on was found, 1 when something was, 2 when the input or the question is broken.',
  ].join('\n\n'),
  argument: { name: '[input...]', description: 'files, directories, or - for standard input', completes: 'files' },
  options: [
    {
      flags: '-o, --output <format>',
      description: 'text, json, yaml, sarif, junit, github, gitlab or markdown; format=FILE writes to a file, and may be repeated',
      repeats: true,
      completes: 'outputs',
    },
    { flags: '--complete', description: 'the input is whole: what it does not hold does not exist' },
    {
      flags: '--fail-on <severity>',
      description: 'exit with 1 from this severity on (default: error)',
      choices: ['error', 'warning', 'info', 'never'],
    },
    {
      flags: '--min-severity <severity>',
      description: 'report only findings of at least this severity',
      choices: ['error', 'warning', 'info'],
    },
    {
      flags: '--rule <rule>',
      description: "run only these rules: ids, globs, codes such as IST0101, or names of istioctl's analyzers",
      repeats: true,
      completes: 'rules',
    },
    { flags: '--skip-rule <rule>', description: 'do not run these rules', repeats: true, completes: 'rules' },
    { flags: '--list-rules', description: 'list all rules and stop' },
    { flags: '-n, --namespace <namespace>', description: 'report on this namespace only; objects without a namespace belong to it' },
    {
      flags: '--mesh <mesh>',
      description: 'run the rules of this mesh (default: auto, the meshes found in the input)',
      choices: ['auto', 'istio', 'linkerd', 'kuma', 'consul', 'osm', 'appmesh'],
    },
    { flags: '--mesh-config <file>', description: "Istio's MeshConfig, instead of the ConfigMap in the input" },
    { flags: '--mesh-networks <file>', description: "Istio's MeshNetworks, instead of the ConfigMap in the input" },
    {
      flags: '--root-namespace <namespace>',
      description: 'namespace of mesh-wide configuration (default: of the MeshConfig, or istio-system)',
    },
    { flags: '--cluster-domain <domain>', description: 'DNS domain of the cluster (default: cluster.local)' },
    { flags: '--revision <revision>', description: 'judge for this control plane revision' },
    { flags: '--remote <cluster=path>', description: 'objects of a further cluster of the mesh', repeats: true },
    { flags: '--include <glob>', description: 'in directories, read only files that match', repeats: true },
    { flags: '--exclude <glob>', description: 'in directories, pass over files and folders that match', repeats: true },
    {
      flags: '--suppress <rule=resource>',
      description: "do not report a rule for resources that match a glob: 'IST0101=VirtualService shop/*'",
      repeats: true,
      keepsCommas: true,
    },
    { flags: '--baseline <file>', description: 'report only findings that are not in this baseline' },
    { flags: '--write-baseline <file>', description: 'write the current findings as a baseline and exit with 0' },
    { flags: '--config <file>', description: 'configuration file (default: meshctl.yaml, here or in a parent folder)' },
  ],
  examples: [
    { command: 'meshctl analyze k8s/', does: 'analyze every manifest below a folder' },
    { command: 'helm template shop ./chart | meshctl analyze --complete -', does: 'analyze rendered manifests as all there is' },
    { command: 'meshctl analyze k8s/ -o text -o sarif=meshctl.sarif', does: 'read in the log, and in the code scanning of a CI' },
    { command: 'meshctl analyze k8s/ --rule IST0101 --fail-on warning', does: 'run one of the checks that istioctl users know' },
    { command: 'meshctl analyze k8s/ --write-baseline mesh-baseline.json', does: 'accept what is there, report only what comes new' },
  ],
  load: () => import('./analyze.run.ts'),
};
