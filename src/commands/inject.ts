import { clusterOptions } from './cluster-options.ts';
import type { CommandDeclaration } from './define.ts';
import { meshFlags, streamOptions } from './inject-flags.ts';

export const inject: CommandDeclaration = {
  name: 'inject',
  summary: 'add the proxy of a mesh to workloads, as its webhook would',
  description: [
    'Reads manifests, changes their workloads, and prints them; whatever is not touched comes out character by character, comments and order included. What became of each workload, and why, goes to standard error.',
    'Every kind with a pod template is known, also inside lists; JSON comes out as JSON. What injection needs to know is read from the live cluster, or from files: the chart of the control plane, or the configuration of the injector.',
    'Nothing is printed before everything is done, so that "kubectl apply -f -" never gets a part of it.',
    'With namespace/NAME the namespace itself is marked for injection, after asking. With --explain pod/NAME it tells which webhook, label or annotation decided about a pod.',
    'Exit code: 0 when it is done; 1 when a workload failed, or was declined; 2 when the question or the input is broken; 3 when the cluster cannot be asked.',
  ].join('\n\n'),
  argument: { name: '[input...]', description: 'files, directories, - for standard input, or namespace/NAME', completes: 'files' },
  options: [
    ...streamOptions,
    {
      flags: '--mesh <mesh>',
      description: 'the mesh whose proxy is added',
      choices: ['auto', 'istio', 'linkerd', 'kuma', 'consul', 'osm', 'appmesh'],
      defaultText: 'auto, the one that the cluster or the input shows',
    },
    { flags: '--manual', description: 'add the proxy itself where an annotation or label for the webhook is usual' },
    { flags: '--revision <revision>', description: 'revision of the control plane' },
    { flags: '--control-plane-namespace <namespace>', description: 'namespace of the control plane', defaultText: 'the usual one' },
    { flags: '--chart <chart>', description: 'take everything from this chart of the control plane, a folder or an archive' },
    { flags: '--injector-config <file>', description: "configuration of Istio's injector, as in its ConfigMap" },
    { flags: '--injector-values <file>', description: "values of Istio's injector, as in its ConfigMap" },
    { flags: '--mesh-config <file>', description: "Istio's MeshConfig" },
    { flags: '--values <file>', description: 'values that the control plane was installed with' },
    {
      flags: '--set <path=value>',
      description: 'one of those values, such as global.proxy.logLevel=debug',
      repeats: true,
      keepsCommas: true,
    },
    { flags: '--offline', description: 'ask no cluster' },
    ...meshFlags,
    {
      flags: '--server',
      description: 'print the pods that the API server and its webhooks would make of the workloads; nothing is created',
    },
    { flags: '--explain', description: 'tell what decided whether a live pod has a proxy: meshctl inject --explain pod/NAME' },
    { flags: '-y, --yes', description: 'mark a namespace without asking' },
    ...clusterOptions,
  ],
  examples: [
    { command: 'meshctl inject -f deploy.yaml | kubectl apply -f -', does: 'add the proxy as the webhook of the cluster would' },
    { command: 'meshctl inject k8s/ --mesh istio --chart charts/istiod --diff', does: 'see without a cluster what would change' },
    { command: 'kubectl get deploy -o yaml | meshctl inject - | kubectl apply -f -', does: 'inject what already runs' },
    { command: 'meshctl inject namespace/shop --mesh linkerd', does: 'have the webhook inject every new pod of a namespace' },
    { command: 'meshctl inject --server -f deploy.yaml', does: 'see what the webhooks of the cluster would do' },
    { command: 'meshctl inject --explain pod/web-5d8c -n shop', does: 'see why a pod has a proxy, or has none' },
  ],
  load: () => import('./inject.run.ts'),
};
