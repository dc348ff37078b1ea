import { clusterOptions } from './cluster-options.ts';
import type { CommandDeclaration, OptionRow } from './define.ts';

/** Where other commands ask one cluster, an analysis may be about several. */
const CONTEXT: OptionRow = {
  flags: '--context <name>',
  description: 'context of the kubeconfig; given again, that of a further cluster, as --remote-context does',
  defaultText: 'the current one',
  repeats: true,
  keepsCommas: true,
};

export const analyze: CommandDeclaration = {
  name: 'analyze',
  summary: 'find what is wrong in mesh configuration',
  description: [
    'Reads Kubernetes manifests, or without any the live cluster, and reports what is wrong in their mesh configuration, with the line and column of each finding in a file.',
    'Every kind in the input takes part: Services, workloads, Namespaces and Secrets answer the references of mesh resources.',
    'What cannot be judged because its counterpart is not part of the input is listed as not checked; --complete declares the input whole.',
    "Of a cluster only the kinds that rules read are listed: of Secrets the metadata alone, except those that hold a Gateway's certificate, and ConfigMaps of control planes only. What may not be read is listed as not checked.",
    'Exit code: 0 when nothing at or above --fail-on was found, 1 when something was, 2 when the input or the question is broken, 3 when the cluster cannot be asked.',
  ].join('\n\n'),
  argument: { name: '[input...]', description: 'files, directories, or - for standard input', completes: 'files' },
  options: [
    {
      flags: '-o, --output <format>',
      description: 'text, json, yaml, sarif, junit, github, gitlab, compact, checkstyle, rdjsonl or markdown; FORMAT=FILE writes to a file',
      defaultText: 'text, with annotations in GitHub Actions',
      repeats: true,
      completes: 'outputs',
    },
    { flags: '--with-cluster', description: 'lay the files over the live cluster, and report what is wrong with them there' },
    { flags: '-A, --all-namespaces', description: "report on all namespaces of the cluster (default: the context's namespace)" },
    { flags: '--complete', description: 'the input is whole: what it does not hold does not exist' },
    {
      flags: '--fail-on <severity>',
      description: 'exit with 1 from this severity on',
      choices: ['error', 'warning', 'info', 'never'],
      defaultText: 'error',
    },
    {
      flags: '--min-severity <severity>',
      description: 'report only findings of at least this severity',
      choices: ['error', 'warning', 'info'],
      defaultText: 'info',
    },
    {
      flags: '--rule <rule>',
      description: "run only these rules: ids, globs, codes such as IST0101, or names of istioctl's analyzers",
      repeats: true,
      completes: 'rules',
    },
    { flags: '--skip-rule <rule>', description: 'do not run these rules', repeats: true, completes: 'rules' },
    { flags: '--list-rules', description: 'list the rules (as text, json or yaml) and stop' },
    { flags: '-n, --namespace <namespace>', description: 'report on this namespace only; objects without a namespace belong to it' },
    {
      flags: '--mesh <mesh>',
      description: 'run the rules of this mesh',
      choices: ['auto', 'istio', 'linkerd', 'kuma', 'consul', 'osm', 'appmesh'],
      defaultText: 'auto, the meshes found in the input',
    },
    { flags: '--mesh-config <file>', description: "Istio's MeshConfig, instead of the ConfigMap in the input" },
    { flags: '--mesh-networks <file>', description: "Istio's MeshNetworks, instead of the ConfigMap in the input" },
    {
      flags: '--root-namespace <namespace>',
      description: 'namespace of mesh-wide configuration',
      defaultText: 'as in the MeshConfig, or istio-system',
    },
    { flags: '--cluster-domain <domain>', description: 'DNS domain of the cluster', defaultText: 'cluster.local' },
    { flags: '--revision <revision>', description: 'judge for this control plane revision' },
    {
      flags: '--remote-context <name>',
      description: 'context of a further live cluster of the mesh, judged together with the primary one',
      repeats: true,
      keepsCommas: true,
    },
    { flags: '--remote <cluster=path>', description: 'files with the objects of a further cluster of the mesh', repeats: true },
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
    { flags: '--fix', description: 'change the files where a finding has one safe fix, and report what remains' },
    { flags: '--fix-dry-run', description: 'print what --fix would change as a unified diff, and change nothing' },
    { flags: '--prune-baseline', description: 'take entries that no finding needs any more out of the baseline' },
    { flags: '--config <file>', description: 'configuration file', defaultText: 'meshctl.yaml, here or in a folder above' },
    ...clusterOptions.map((row) => (row.flags === CONTEXT.flags ? CONTEXT : row)),
  ],
  examples: [
    { command: 'meshctl analyze k8s/', does: 'analyze every manifest below a folder' },
    { command: 'meshctl analyze -A', does: 'analyze the live cluster' },
    { command: 'meshctl analyze -A --context east --context west', does: 'analyze two clusters of one mesh together' },
    { command: 'meshctl analyze --with-cluster k8s/', does: 'see what the files would break or miss, before they are applied' },
    { command: 'helm template shop ./chart | meshctl analyze --complete -', does: 'analyze rendered manifests as all there is' },
    { command: 'meshctl analyze k8s/ -o text -o sarif=meshctl.sarif', does: 'text for the log, SARIF for code scanning' },
    { command: 'meshctl analyze k8s/ --rule IST0101 --fail-on warning', does: 'run a check by the code that istioctl users know' },
    {
      command: 'meshctl analyze k8s/ --write-baseline mesh-baseline.json',
      does: 'accept what is there; later runs take --baseline mesh-baseline.json',
    },
    { command: 'meshctl analyze k8s/ --fix-dry-run', does: 'see what --fix would change' },
  ],
  load: () => import('./analyze.run.ts'),
};
