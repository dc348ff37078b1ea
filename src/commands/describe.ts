import { clusterOptions } from './cluster-options.ts';
import type { CommandDeclaration } from './define.ts';
import { questionOptions } from './mesh-options.ts';

export const describe: CommandDeclaration = {
  name: 'describe',
  summary: 'tell what of a mesh applies to a workload or a service',
  description: [
    'Tells of a pod, a workload or a service what applies to it: ports and protocols, routes, rules for its clients, gateways, mutual TLS in both directions, policies, waypoint, scope; with the object that each comes from.',
    'Its proxy is asked too, where it answers. What configuration and proxy do not agree on stands at the top, with what analysis finds wrong in the objects that apply.',
    'With --file the objects of files are told of instead of a cluster, and no proxy is asked.',
  ].join('\n\n'),
  argument: { name: '<target>', description: 'pod, deploy/NAME, svc/NAME, gateway/NAME' },
  options: [
    {
      flags: '-o, --output <format>',
      description: 'wide does not fit lines to the terminal',
      choices: ['text', 'wide', 'json', 'yaml'],
      defaultText: 'text',
    },
    {
      flags: '--fail-on <kind>',
      description: 'exit with 1 when configuration and proxy differ, or when there is any problem',
      choices: ['difference', 'problem', 'never'],
      defaultText: 'never',
    },
    ...questionOptions,
    ...clusterOptions,
  ],
  examples: [
    { command: 'meshctl describe deploy/cart', does: 'see what applies to a workload' },
    { command: 'meshctl describe svc/cart -n shop', does: 'see how requests get to a service' },
    { command: 'meshctl describe pod/cart-5d7-x2x --fail-on difference', does: 'tell a script whether its proxy has what it should' },
    { command: 'meshctl describe deploy/cart -f k8s/', does: 'see what manifests would do' },
  ],
  load: () => import('./describe.run.ts'),
};
