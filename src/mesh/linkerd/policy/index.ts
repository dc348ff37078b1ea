/** Who may call a workload of Linkerd: Servers, routes and authorizations → what applies → what becomes of a request. */
import { MeshctlError } from '../../../errors.ts';
import type { Authorize, AuthzPolicy, AuthzRequest, Verdict } from '../../../model/authz.ts';
import { itemsAt, numberAt, stringAt } from '../../../model/body.ts';
import { friendlyName, type Kind, quotedRef, type Resource, shortKind } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import { targetPort } from '../../../model/target-port.ts';
import { unmet } from '../../../model/truth.ts';
import { agreed, allowedByAny, verdict } from '../../../model/verdict.ts';
import type { Workload } from '../../../model/workloads.ts';
import {
  AUTHORIZATION_POLICY,
  CONFIG_MAP,
  GRPC_ROUTE,
  HTTP_ROUTES,
  MESH_TLS_AUTHENTICATION,
  NETWORK_AUTHENTICATION,
  RATE_LIMIT,
  SERVER,
  SERVER_AUTHORIZATION,
  SERVICE,
  SKIP_INBOUND,
} from '../kinds.ts';
import { portsListed } from '../opaque-ports.ts';
import { proxyOf } from '../proxies.ts';
import { type Authorization, authorizationsAt, authorizationsOf, authorizationText, ofAccessPolicy } from './authorizations.ts';
import { isAuthorized } from './judge.ts';
import { matchingRoutes, routesAt } from './routes.ts';
import { accessPolicyOf, protocolOf, type ServedPort, servedPorts } from './servers.ts';
import { accountOf, configuredPolicy, identityName, injectedPolicy, type MeshSettings, meshSettings } from './settings.ts';

export const AUTHZ_KINDS: readonly Kind[] = [
  SERVER,
  AUTHORIZATION_POLICY,
  SERVER_AUTHORIZATION,
  MESH_TLS_AUTHENTICATION,
  NETWORK_AUTHENTICATION,
  ...HTTP_ROUTES,
  GRPC_ROUTE,
  RATE_LIMIT,
  CONFIG_MAP,
];

export const authorize: Authorize = async ({ target, workloads }, resources, { request }) => {
  const [workload] = workloads;
  if (!workload) throw noPods(target);
  const mesh = meshSettings(workload, resources);
  const all = portsBehind(target, workload, servedPorts(workload, resources));
  const port = request?.port === undefined ? undefined : portMeant(request.port, target, workload, all);
  const ports =
    port === undefined ? all : [all.find((each) => each.port === port) ?? { port, name: undefined, server: undefined, ignored: [] }];
  const judged = ports.map((each) => judgePort(each, { workload, resources, mesh, request }));
  return {
    title: `${friendlyName(workload.resource)}, as ${identityName({ namespace: workload.namespace, serviceAccount: accountOf(workload) }, mesh)}`,
    policies: judged.flatMap(({ rows }) => rows),
    otherwise: otherwiseOf(workload, ports, resources),
    notes: notesOf(workload, ports, { resources, asked: request?.port, port }),
    differences: differencesOf(workload, resources),
    verdict:
      request &&
      (isUnmeshed(workload)
        ? verdict('allowed', 'It has no proxy that would ask policies.')
        : agreed(
            judged.flatMap(({ answer, title }) => (answer ? [{ title, verdict: answer }] : [])),
            '--port',
          )),
  };
};

/** Of a Service only those that it leads to. */
function portsBehind(target: Resource, workload: Workload, all: readonly ServedPort[]): readonly ServedPort[] {
  if (target.kind !== SERVICE) return all;
  const led = new Set(itemsAt(target.body, 'spec', 'ports').map(({ item }) => targetPort(item, workload.podSpec)));
  const own = all.filter(({ port }) => led.has(port));
  return own.length > 0 ? own : all;
}

function noPods(target: Resource): MeshctlError {
  return new MeshctlError('E_TARGET', `${quotedRef(target)} has no pods, so that no proxy lets anybody in.`, {
    hint: `Look at its selector with "kubectl -n ${target.namespace} get ${shortKind(target.kind).toLowerCase()} ${target.name} -o yaml".`,
  });
}

const isUnmeshed = ({ isPod, resource }: Workload): boolean => isPod && resource.origin === undefined && proxyOf(resource) === undefined;

/** Policies are asked with the port of the pod; whoever names that of a Service means the one it leads to. */
function portMeant(wanted: number, target: Resource, workload: Workload, ports: readonly ServedPort[]): number {
  if (target.kind !== SERVICE && ports.some(({ port }) => port === wanted)) return wanted;
  if (target.kind !== SERVICE) return wanted;
  const own = itemsAt(target.body, 'spec', 'ports').find(({ item }) => numberAt(item, 'port') === wanted)?.item;
  return (own && targetPort(own, workload.podSpec)) ?? wanted;
}

interface Place {
  readonly workload: Workload;
  readonly resources: ResourceSet;
  readonly mesh: MeshSettings;
  readonly request: AuthzRequest | undefined;
}

interface JudgedPort {
  readonly title: string;
  readonly rows: readonly AuthzPolicy[];
  /** Undefined without a request. */
  readonly answer: Verdict | undefined;
}

function judgePort(served: ServedPort, place: Place): JudgedPort {
  const { port, server } = served;
  const { workload, resources, mesh, request } = place;
  const title = `port ${port}`;
  if (portsListed(workload.annotations[SKIP_INBOUND] ?? '')(port)) {
    return {
      title,
      rows: [],
      answer: request && verdict('allowed', `Port ${port} bypasses the proxy (${SKIP_INBOUND}), so that no policy is asked.`),
    };
  }
  if (!server) {
    const { policy } = effectivePolicy(workload, resources);
    const rows = rowsFor(ofAccessPolicy(policy, title, mesh.clusterNetworks), place, {
      kind: 'DefaultPolicy',
      namespace: '',
      name: policy,
    });
    return { title, rows, answer: request && allowedByAny(rows, `at ${title}, whose default policy is "${policy}"`) };
  }
  const access = accessPolicyOf(server);
  const scope = `${friendlyName(server)}, ${title}`;
  const own = [
    ...ofAccessPolicy(access, scope, mesh.clusterNetworks),
    ...authorizationsAt(server, resources).map((each) => ({ ...each, scope: `${each.scope}, ${title}` })),
  ];
  const base = rowsFor(own, place, { kind: 'Server', namespace: server.namespace, name: server.name });
  const routes = protocolOf(server) === 'opaque' || protocolOf(server) === 'TLS' ? [] : routesAt(server, resources);
  const byRoute = new Map(routes.map((route) => [route, rowsFor(authorizationsOf(route, resources), place, undefined)]));
  const rows = [...base, ...[...byRoute.values()].flat()];
  if (!request) return { title, rows, answer: undefined };
  if (routes.length === 0) return { title, rows, answer: allowedByAny(base, `at ${friendlyName(server)}`) };
  return { title, rows, answer: routedAnswer(routes, base, byRoute, request, server) };
}

function routedAnswer(
  routes: readonly Resource[],
  base: readonly AuthzPolicy[],
  byRoute: ReadonlyMap<Resource, readonly AuthzPolicy[]>,
  request: AuthzRequest,
  server: Resource,
): Verdict {
  const matches = matchingRoutes(routes, request);
  const certain = matches.findIndex(({ is }) => is === 'yes');
  const possible = certain < 0 ? matches : matches.slice(0, certain + 1);
  if (possible.length === 0) return verdict('denied', `None of the routes of ${friendlyName(server)} takes it: the answer is 404.`);
  const cases = possible.map(({ route }) => ({
    title: friendlyName(route),
    verdict: allowedByAny([...base, ...(byRoute.get(route) ?? [])], `at ${friendlyName(route)}`),
  }));
  const all =
    certain < 0
      ? [
          ...cases,
          { title: 'no route', verdict: verdict('denied', `None of the routes of ${friendlyName(server)} takes it: the answer is 404.`) },
        ]
      : cases;
  const options = [...new Set(possible.flatMap((each) => each.options))];
  return agreed(all, options[0] ?? '--path');
}

function rowsFor(
  authorizations: readonly Authorization[],
  { request, mesh }: Place,
  standard: AuthzPolicy['policy'] | undefined,
): readonly AuthzPolicy[] {
  return authorizations.flatMap((authorization): readonly AuthzPolicy[] => {
    const { policy, scope, ignored } = authorization;
    const source = policy ? { kind: shortKind(policy.kind), namespace: policy.namespace, name: policy.name } : standard;
    if (!source) return [];
    const judged = request && isAuthorized(authorization, request, mesh);
    return [
      {
        policy: source,
        action: 'ALLOW',
        scope,
        enforcedBy: 'linkerd-proxy',
        isDryRun: false,
        remarks: ignored === undefined ? [] : [`It is ignored: ${ignored}.`],
        rules: [{ number: 1, text: authorizationText(authorization), is: judged?.is, unmet: judged ? unmet(judged) : [] }],
      },
    ];
  });
}

/** A pod that runs has the policy that it was injected with; its annotation is what the controller goes by. */
function effectivePolicy(workload: Workload, resources: ResourceSet): { readonly policy: string; readonly source: string } {
  const annotated = configuredPolicy(workload, resources);
  const injected = injectedPolicy(workload);
  return annotated.source === 'an annotation of the pod' || injected === undefined
    ? annotated
    : { policy: injected, source: 'what it was injected with' };
}

function otherwiseOf(workload: Workload, ports: readonly ServedPort[], resources: ResourceSet): string {
  if (isUnmeshed(workload)) return 'Everything is let in: no proxy asks.';
  const { policy, source } = effectivePolicy(workload, resources);
  const covered = ports.filter(({ server }) => server);
  const rest = `Ports without a Server have the default policy "${policy}" (${source})`;
  return covered.length === 0
    ? `${rest}.`
    : `${rest}; at ${covered.map(({ port }) => `port ${port}`).join(', ')} what nothing authorizes is denied.`;
}

function notesOf(
  workload: Workload,
  ports: readonly ServedPort[],
  { resources, asked, port }: { readonly resources: ResourceSet; readonly asked: number | undefined; readonly port: number | undefined },
): readonly string[] {
  return [
    ...(isUnmeshed(workload) ? [`${quotedRef(workload.resource)} has no proxy, so that nothing enforces policies.`] : []),
    ...(asked !== port && asked !== undefined ? [`Port ${asked} is the Service's; policies are asked with the pod's, ${port}.`] : []),
    ...ports.flatMap(({ port: own, server, ignored }) => [
      ...(server && ignored.length > 0
        ? [
            `Of port ${own} only ${friendlyName(server)} counts, as the oldest; ${ignored.map(friendlyName).join(', ')} ${ignored.length === 1 ? 'is' : 'are'} ignored.`,
          ]
        : []),
      ...(server && routesAt(server, resources).length > 0
        ? [`${friendlyName(server)} has routes, so that probes of the kubelet are let in only where one of them is.`]
        : []),
      ...(server && accessPolicyOf(server) === 'audit'
        ? [`${friendlyName(server)} only audits: what it would deny is let in, and logged.`]
        : []),
      ...limitsOf(server, resources),
    ]),
  ];
}

function limitsOf(server: Resource | undefined, resources: ResourceSet): readonly string[] {
  if (!server) return [];
  return resources
    .inNamespace(RATE_LIMIT, server.namespace)
    .filter(({ body }) => stringAt(body, 'spec', 'targetRef', 'name') === server.name)
    .map((limit) => `${friendlyName(limit)} limits the requests at ${friendlyName(server)}: more are answered with 429.`);
}

/** Pods keep what they were injected with until they are created anew. */
export function differencesOf(workload: Workload, resources: ResourceSet): readonly string[] {
  const injected = injectedPolicy(workload);
  const { policy, source } = configuredPolicy(workload, resources);
  if (injected === undefined || injected === policy || source === 'an annotation of the pod') return [];
  return [
    `The default policy is "${policy}" by ${source}, but the proxy of ${quotedRef(workload.resource)} was started with "${injected}".`,
  ];
}
