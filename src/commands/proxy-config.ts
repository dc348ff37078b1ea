import { clusterOptions } from './cluster-options.ts';
import type { CommandDeclaration } from './define.ts';
import { PART_NAMES } from './proxy-config.names.ts';

export const proxyConfig: CommandDeclaration = {
  name: 'proxy-config',
  aliases: ['pc'],
  summary: 'show what one proxy is configured with',
  description: [
    'Asks the Envoy of a pod of Istio, Kuma, Consul, OSM or App Mesh on its administration port, or reads a saved dump, and prints clusters, listeners, routes, endpoints, secrets or the rest of its configuration in the same tables for every mesh. For a ztunnel of Istio there are workloads, services, policies, certificates and connections, and for a proxy of Linkerd routes, endpoints, policies and identity.',
    'A proxy is named as a pod, or as deploy/NAME, sts/NAME, ds/NAME, svc/NAME or gateway/NAME, of which a pod that is ready is asked; "log" means all pods of a workload. For a pod in ambient mode the ztunnel of its node is asked. With --file nothing is asked of any cluster.',
    'Keys are never printed. "log" is the only part that changes something, and only with --level or --reset.',
  ].join('\n\n'),
  argument: { name: '<part>', description: `what to show: ${PART_NAMES.join(', ')}`, completes: PART_NAMES },
  moreArguments: [{ name: '[proxy]', description: 'pod, deploy/NAME, svc/NAME, gateway/NAME; not with --file' }],
  options: [
    {
      flags: '-f, --file <file>',
      description:
        'read a saved /config_dump, or /clusters?format=json, instead of asking a proxy; "-" is standard input, and gzip is unpacked',
    },
    {
      flags: '-o, --output <format>',
      description: 'wide has more columns; raw is what the proxy itself says; prom is stats for Prometheus',
      choices: ['table', 'wide', 'json', 'yaml', 'raw', 'prom'],
      defaultText: 'table',
    },
    { flags: '-n, --namespace <namespace>', description: 'namespace of the proxy', defaultText: "the context's" },
    { flags: '-l, --selector <labels>', description: 'the proxy of a pod with these labels, instead of a name' },
    { flags: '--host <host>', description: 'only what stands for a host: part of a service, a domain, a cluster or a workload' },
    { flags: '--port <port>', description: 'only clusters, listeners, endpoints, routes and policies of this port' },
    { flags: '--subset <subset>', description: 'only clusters of this subset' },
    {
      flags: '--direction <direction>',
      description: 'only clusters, listeners, routes and connections of this direction',
      choices: ['inbound', 'outbound'],
    },
    { flags: '--address <address>', description: 'only what has this address: listeners, endpoints, workloads, services and connections' },
    { flags: '--name <name>', description: 'only what has this name, such as a route configuration, a secret or a policy' },
    { flags: '--path <path>', description: 'only routes that a request for this path could take' },
    {
      flags: '--virtual-service <name>',
      description: 'only routes that come from this VirtualService, or route of Linkerd: NAME or NAMESPACE/NAME',
    },
    { flags: '--cluster <cluster>', description: 'only endpoints of this cluster, and routes that lead to it' },
    { flags: '--status <status>', description: 'only endpoints of this status', choices: ['healthy', 'unhealthy'] },
    { flags: '--type <type>', description: 'only listeners of this type', choices: ['HTTP', 'TCP', 'HTTP+TCP', 'UNKNOWN'] },
    { flags: '--workload-namespace <namespace>', description: 'only what a ztunnel has of this namespace' },
    { flags: '--node <node>', description: 'only workloads of this node; without a proxy, the ztunnel of this node' },
    { flags: '--filter <expression>', description: 'only stats whose names match this regular expression (RE2)' },
    { flags: '--level <level>', description: 'set levels of logging: LEVEL for all loggers, or LOGGER:LEVEL', repeats: true },
    { flags: '--reset', description: 'set the levels of logging that the proxy was started with' },
    { flags: '--admin-port <port>', description: 'port of the administration', defaultText: 'as the mesh has it' },
    ...clusterOptions,
  ],
  examples: [
    { command: 'meshctl proxy-config routes deploy/web', does: 'see where a workload sends what' },
    { command: 'meshctl pc clusters pod/web-5d7-x2x --host reviews', does: 'see the clusters of one service' },
    { command: 'meshctl pc endpoints web-5d7-x2x.shop --status unhealthy', does: 'see which endpoints a proxy does not use' },
    { command: 'meshctl pc all --file dump.json', does: 'read a saved dump, without any cluster' },
    { command: 'meshctl pc policies deploy/web', does: 'see who may call a workload of Linkerd, port by port' },
    { command: 'meshctl pc connections deploy/web', does: 'see the connections that a ztunnel has for a workload in ambient mode' },
    { command: 'meshctl pc log deploy/web --level http:debug', does: 'have one logger of all its proxies say more' },
  ],
  load: () => import('./proxy-config.run.ts'),
};
