import { clusterOptions } from './cluster-options.ts';
import type { CommandDeclaration } from './define.ts';
import { FAIL_ON, SORTS, STATES } from './proxy-status.names.ts';

export const proxyStatus: CommandDeclaration = {
  name: 'proxy-status',
  aliases: ['ps'],
  summary: 'show whether what the control planes sent has reached the proxies',
  description: [
    'Lists every proxy of every mesh in the cluster with its state: synced, stale (it has not acknowledged what it was sent), not-sent, error (it rejected it, with its words), disconnected (a pod with a proxy that no control plane knows) or unknown. Control planes are asked in parallel, and one that does not answer fails neither the others nor the command.',
    'Istio and Kuma know the state of all their proxies, so that the number of proxies costs nothing. Of Linkerd, Consul, OSM and App Mesh each proxy is asked.',
    'With a proxy, named as a pod, deploy/NAME, svc/NAME or gateway/NAME, what its control plane would send is compared with what it has: clusters, listeners, routes, endpoints and secrets; of a ztunnel workloads, services and policies. That is for Istio and Kuma, whose control planes can be asked.',
    'With --fail-on the exit code is 1 when a proxy is in such a state; it is 3 when no control plane could be asked.',
  ].join('\n\n'),
  argument: { name: '[proxy]', description: 'compare what this proxy has with what its control plane would send' },
  options: [
    { flags: '-n, --namespace <namespace>', description: 'only proxies of this namespace', defaultText: 'all' },
    { flags: '-l, --selector <selector>', description: 'only pods with these labels, such as app=web,tier!=cache' },
    { flags: '--state <state>', description: 'only proxies in this state', choices: STATES, repeats: true },
    {
      flags: '--mesh <mesh>',
      description: 'only proxies of this mesh',
      choices: ['auto', 'istio', 'linkerd', 'kuma', 'consul', 'osm', 'appmesh'],
      defaultText: 'auto, every mesh found in the cluster',
    },
    { flags: '--sort <column>', description: 'order of the proxies', choices: SORTS, defaultText: 'state, the worst first' },
    { flags: '--stale-after <duration>', description: 'how long an acknowledgement may take', defaultText: '30s' },
    {
      flags: '--certificates',
      description: 'ask every proxy of Istio for its certificate',
      defaultText: 'when there are 50 proxies or fewer',
    },
    { flags: '-f, --file <file>', description: 'with a proxy: compare this saved dump instead of asking it' },
    { flags: '--admin-port <port>', description: 'with a proxy: port of its administration', defaultText: 'as the mesh has it' },
    { flags: '-w, --watch', description: 'ask again and again, and mark what has changed' },
    { flags: '--interval <duration>', description: 'pause between two rounds of --watch', defaultText: '2s' },
    {
      flags: '--fail-on <state>',
      description: 'exit with 1 when a proxy is in this state; any is every state but synced; different is for a comparison',
      choices: FAIL_ON,
      repeats: true,
    },
    {
      flags: '-o, --output <format>',
      description: 'wide has a column for each type of configuration',
      choices: ['table', 'wide', 'json', 'yaml'],
      defaultText: 'table',
    },
    ...clusterOptions,
  ],
  examples: [
    { command: 'meshctl proxy-status', does: 'see all proxies, and what is wrong with them' },
    { command: 'meshctl ps -n shop --state stale,error -o wide', does: 'see which type of configuration does not arrive' },
    { command: 'meshctl ps deploy/web -n shop', does: 'see what a proxy lacks of what it should have' },
    { command: 'meshctl ps --watch', does: 'follow a rollout' },
    { command: 'meshctl ps --fail-on error,stale -o json', does: 'let a pipeline wait for nothing that was rejected' },
  ],
  load: () => import('./proxy-status.run.ts'),
};
