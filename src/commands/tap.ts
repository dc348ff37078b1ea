import { clusterOptions } from './cluster-options.ts';
import type { CommandDeclaration } from './define.ts';

export const tap: CommandDeclaration = {
  name: 'tap',
  summary: 'show live requests as they happen',
  description: [
    'Shows the requests that pass the proxies of a workload, one a line: time, direction, status, duration, bytes, whether both ends have proven who they are, who calls whom, method and path. Pods that come and go are followed.',
    'The proxies of Istio, Kuma, Consul, OSM and App Mesh are asked by the tap filter of Envoy where they have one, and else by their access log; which of them it is, is told on standard error. Where there is neither, rates are shown of what the proxies count (--source stats): of all meshes, without single requests.',
    'Where a proxy of Istio or Kuma has no tap filter, an EnvoyFilter or a MeshProxyPatch for just that workload can be added: with --enable, or when you agree on a terminal. It lets everything pass as before, and is removed when the tap ends, also by Ctrl-C. What a run that was killed has left is removed by the next run, or by --cleanup.',
    'Bodies are never shown. Headers are shown with -o wide and -o json only, without what proves who somebody is, such as authorization and cookie.',
    'Ends with Ctrl-C, --duration or --limit, with a summary on standard error. Exit code: 0, also after Ctrl-C; 2 when the question is wrong; 3 when no proxy could be asked.',
  ].join('\n\n'),
  argument: {
    name: '[target]',
    description: 'pod, deploy/NAME, sts/NAME, ds/NAME, svc/NAME, gateway/NAME or ns/NAME; all of the namespace when absent',
  },
  options: [
    { flags: '-n, --namespace <namespace>', description: 'namespace of the target', defaultText: "the context's" },
    {
      flags: '--to <peer>',
      description: 'only requests to this workload, service, pod or address: NAME, deploy/NAME, svc/NAME, NAME.NAMESPACE, ns/NAME',
    },
    { flags: '--from <peer>', description: 'only requests from there' },
    { flags: '--method <method>', description: 'only requests of this method' },
    {
      flags: '--path <path>',
      description: 'only paths that begin so; with * and ** a pattern, with ~ before it a regular expression (RE2), with = the whole path',
    },
    { flags: '--authority <host>', description: 'only requests for this host' },
    {
      flags: '--direction <direction>',
      description: 'only requests that a proxy takes, or that it sends',
      choices: ['inbound', 'outbound'],
    },
    { flags: '--status <status>', description: 'only answers of this status: 503, 5xx, 400-499 or grpc:14', repeats: true },
    { flags: '--slower-than <duration>', description: 'only requests that took longer, such as 200ms' },
    { flags: '--header <name>', description: 'only requests with this header: NAME, or NAME=VALUE', repeats: true, keepsCommas: true },
    { flags: '--redact <header>', description: 'further headers whose values are not shown', repeats: true },
    { flags: '--max-rps <number>', description: 'show so many a second at the most', defaultText: '100' },
    { flags: '--sample <percent>', description: 'show only this part of them, evenly', defaultText: '100' },
    {
      flags: '--source <source>',
      description: 'how the requests are seen',
      choices: ['auto', 'tap', 'logs', 'stats'],
      defaultText: 'auto, the best that there is',
    },
    {
      flags: '--enable',
      description: 'add the tap filter to the proxies of the workload where they have none, for as long as the tap runs (Istio, Kuma)',
    },
    { flags: '--cleanup', description: 'remove what taps that were killed have left in the cluster, and stop' },
    { flags: '--yes', description: 'with --cleanup: do not ask' },
    { flags: '--top', description: 'a live table by route and peers instead of lines' },
    { flags: '--duration <duration>', description: 'end after this time, such as 30s' },
    { flags: '--limit <number>', description: 'end after so many requests' },
    {
      flags: '-o, --output <format>',
      description: 'wide has hosts, identities, routes and headers; json is one event a line',
      choices: ['text', 'wide', 'json'],
      defaultText: 'text',
    },
    ...clusterOptions,
  ],
  examples: [
    { command: 'meshctl tap deploy/web', does: 'see what a workload gets and sends' },
    { command: 'meshctl tap deploy/web --status 5xx --to svc/cart', does: 'see which requests fail on the way to a service' },
    { command: "meshctl tap -n shop --path '/api/*/items' --slower-than 200ms", does: 'see the slow requests of a route' },
    { command: 'meshctl tap deploy/web --enable -o wide', does: 'see headers too, by a tap filter that is removed in the end' },
    { command: 'meshctl tap deploy/web --top --duration 1m', does: 'see rates and latencies by route' },
    { command: 'meshctl tap deploy/web -o json --limit 1000 > requests.jsonl', does: 'record requests' },
  ],
  load: () => import('./tap.run.ts'),
};
