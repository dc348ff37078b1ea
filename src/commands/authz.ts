import { clusterOptions } from './cluster-options.ts';
import type { CommandDeclaration } from './define.ts';
import { questionOptions } from './mesh-options.ts';

export const authz: CommandDeclaration = {
  name: 'authz',
  summary: 'tell who may call a workload, and what becomes of a request',
  description: [
    'Lists the policies that apply to a workload in the order in which they are asked, from configuration and, where it answers, from the proxy that enforces them: AuthorizationPolicies of Istio at sidecars, gateways, waypoints and ztunnel; Servers with their authorizations of Linkerd; MeshTrafficPermissions of Kuma; intentions of Consul.',
    'With --from, --path, --method and the like it tells whether such a request is let in, by which rule, and if not, which condition stands in the way. What was not told may be anything: when it matters, the answer is "depends", with the option that would decide.',
    'With --file the objects of files are judged instead of a cluster, and no proxy is asked.',
  ].join('\n\n'),
  argument: { name: '<target>', description: 'pod, deploy/NAME, svc/NAME, gateway/NAME' },
  options: [
    {
      flags: '--from <client>',
      description: 'who calls: NAMESPACE/SERVICEACCOUNT, pod/NAME, deploy/NAME, spiffe://…, or none for a client outside the mesh',
    },
    { flags: '--from-ip <address>', description: 'address that the connection comes from', defaultText: "the pod's, with --from" },
    { flags: '--remote-ip <address>', description: 'address of the original client, as X-Forwarded-For tells it' },
    { flags: '--port <port>', description: 'port that is called', defaultText: 'the only one, if it is' },
    { flags: '--method <method>', description: 'method of the request, such as GET' },
    { flags: '--path <path>', description: 'path of the request; of gRPC /package.Service/Method' },
    { flags: '--host <host>', description: 'host that the request is for' },
    {
      flags: '--header <name=value>',
      description: 'a header of the request; NAME= for one that it does not have',
      repeats: true,
      keepsCommas: true,
    },
    { flags: '--request-principal <issuer/subject>', description: 'whose valid token the request has; none for no token' },
    { flags: '--jwt-claim <name=value>', description: 'a claim of the token; nested ones as a.b', repeats: true, keepsCommas: true },
    { flags: '--sni <name>', description: 'server name that the client asks for in TLS' },
    {
      flags: '-o, --output <format>',
      description: 'wide shows all rules in full',
      choices: ['text', 'wide', 'json', 'yaml'],
      defaultText: 'text',
    },
    {
      flags: '--fail-on <decision>',
      description: 'exit with 1 when the request is denied; "depends" also when it is not certainly allowed',
      choices: ['denied', 'depends', 'never'],
      defaultText: 'never',
    },
    ...questionOptions,
    ...clusterOptions,
  ],
  examples: [
    { command: 'meshctl authz deploy/cart', does: 'see which policies apply, and in what order' },
    {
      command: 'meshctl authz deploy/cart --from shop/frontend --method GET --path /items',
      does: 'see whether a request would be let in, and by which rule',
    },
    { command: 'meshctl authz svc/cart --from none --fail-on denied', does: 'see whether somebody outside the mesh gets in' },
    { command: 'meshctl authz deploy/cart -f k8s/ --from shop/frontend', does: 'judge manifests before they are applied' },
  ],
  load: () => import('./authz.run.ts'),
};
