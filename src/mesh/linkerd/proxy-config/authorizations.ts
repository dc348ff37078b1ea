/**
 * Who may come in on the ports of a pod, as the policy controller computes it from the objects of the cluster.
 * @see https://linkerd.io/2/reference/authorization-policy/
 */
import { itemsAt, numberAt, objectAt, stringAt } from '../../../model/body.ts';
import { labelSelectorMatches } from '../../../model/labels.ts';
import type { ConfigObject } from '../../../model/proxy-config.ts';
import type { Kind, Resource } from '../../../model/resource.ts';
import { INBOUND_POLICY, OPAQUE_PORTS } from '../kinds.ts';
import { portsNamed } from '../opaque-ports.ts';
import {
  ANYONE,
  type Authentications,
  type Clients,
  clientsOfPolicy,
  clientsOfServerAuthorization,
  type MeshNames,
  WHOLE_MESH,
} from './clients.ts';
import { type Attached, acceptance, attachedTo } from './parents.ts';

export interface Authorization extends Clients {
  /** `AuthorizationPolicy`, `ServerAuthorization`, or `default` for what no object says. */
  readonly kind: string;
  readonly namespace?: string | undefined;
  /** Of the object; the policy or `probe` for a default. */
  readonly name: string;
  /** The route that it is for; all of the port without one. */
  readonly route?: ConfigObject | undefined;
  /** Paths that alone it is for: those of the kubelet's probes. */
  readonly paths?: readonly string[] | undefined;
  /** Why the controller ignores it, or why it is not known whom it lets in. */
  readonly ignored?: string | undefined;
}

interface RateLimit {
  readonly name: string;
  /** Requests in a second: of all, of each client, and of some. */
  readonly total?: number | undefined;
  readonly identity?: number | undefined;
  readonly overrides: readonly { readonly requestsPerSecond: number; readonly clients: readonly string[] }[];
}

export interface PortPolicy {
  readonly port: number;
  /** Of the container's port. */
  readonly name?: string | undefined;
  /** The Server that is about the port. */
  readonly server?: ConfigObject | undefined;
  /** `detected`, `opaque`, or as the Server has it. */
  readonly protocol: string;
  /** What holds where nothing is authorized: the policy of the pod, or of the Server. */
  readonly policy: string;
  readonly routes: readonly ConfigObject[];
  readonly authorizations: readonly Authorization[];
  readonly rateLimit?: RateLimit | undefined;
}

/** Of the namespace of the pod, but authentications, which are of all namespaces. */
export interface PolicyObjects extends Authentications {
  readonly servers: readonly Resource[];
  readonly serverAuthorizations: readonly Resource[];
  readonly policies: readonly Resource[];
  readonly routes: readonly Resource[];
  readonly rateLimits: readonly Resource[];
}

export interface PodDefaults extends MeshNames {
  /** Of the proxy's environment, for pods without the annotations. */
  readonly policy: string | undefined;
  readonly opaquePorts: string | undefined;
  readonly clusterNetworks: readonly string[];
  /** Ports that the proxy has counted something for. */
  readonly seen: readonly number[];
}

const POLICIES: ReadonlySet<string> = new Set([
  ...['all-authenticated', 'all-unauthenticated', 'cluster-authenticated', 'cluster-unauthenticated'],
  ...['deny', 'audit'],
]);
const REQUIRE_IDENTITY = 'config.linkerd.io/proxy-require-identity-inbound-ports';

interface Port {
  readonly port: number;
  readonly name: string | undefined;
  readonly probes: readonly string[];
}

export function portPolicies(pod: Resource, objects: PolicyObjects, defaults: PodDefaults): readonly PortPolicy[] {
  const declared = portsOf(pod);
  const servers = serversByPort(pod, objects.servers, declared);
  const numbers = new Set([...declared.filter(({ isOwn }) => isOwn).map(({ port }) => port), ...servers.keys(), ...defaults.seen]);
  return [...numbers]
    .sort((left, right) => left - right)
    .map((number): PortPolicy => {
      const port = declared.find((each) => each.port === number) ?? { port: number, name: undefined, probes: [] };
      const server = servers.get(number);
      return server ? ofServer(port, server, objects, defaults) : ofDefault(port, pod, defaults);
    });
}

/** Of containers of the application and of the proxy, whose own ports are no business of who calls the application. */
function portsOf({ body }: Resource): readonly (Port & { readonly isOwn: boolean })[] {
  const containers = [...itemsAt(body, 'spec', 'containers'), ...itemsAt(body, 'spec', 'initContainers')].map(({ item }) => item);
  return containers.flatMap((container) =>
    itemsAt(container, 'ports').flatMap(({ item }) => {
      const port = numberAt(item, 'containerPort');
      if (port === undefined || (stringAt(item, 'protocol') ?? 'TCP') !== 'TCP') return [];
      const name = stringAt(item, 'name');
      const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((probe) => {
        const asked = objectAt(container, probe, 'httpGet');
        const isHere = asked['port'] === port || (name !== undefined && String(asked['port']).toLowerCase() === name.toLowerCase());
        return isHere ? [(stringAt(asked, 'path') ?? '/').replace(/[?#].*$/, '')] : [];
      });
      return [{ port, name, probes: [...new Set(probes)], isOwn: !String(container['name']).startsWith('linkerd-') }];
    }),
  );
}

/** Of several Servers of one port the oldest holds. */
function serversByPort(pod: Resource, servers: readonly Resource[], ports: readonly Port[]): ReadonlyMap<number, Resource> {
  const found = new Map<number, Resource>();
  for (const server of [...servers].sort(byAge)) {
    const selector = server.body['spec'] && objectAt(server.body, 'spec')['podSelector'];
    if (selector === undefined || !labelSelectorMatches(selector, pod.labels)) continue;
    const named = stringAt(server.body, 'spec', 'port');
    const number = numberAt(server.body, 'spec', 'port');
    const meant = number === undefined ? ports.flatMap(({ name, port }) => (name === named ? [port] : [])) : [number];
    for (const port of meant) if (!found.has(port)) found.set(port, server);
  }
  return found;
}

function byAge(left: Resource, right: Resource): number {
  const [one, other] = [left, right].map(({ body, name }) => `${stringAt(body, 'metadata', 'creationTimestamp') ?? ''} ${name}`);
  return (one ?? '') < (other ?? '') ? -1 : 1;
}

function ofDefault({ port, name, probes }: Port, { annotations, body }: Resource, defaults: PodDefaults): PortPolicy {
  const annotated = annotations[INBOUND_POLICY];
  const policy = annotated !== undefined && POLICIES.has(annotated) ? annotated : (defaults.policy ?? 'all-unauthenticated');
  const named = objectAt(body, 'spec');
  const isOpaque = portsNamed(annotations[OPAQUE_PORTS] ?? defaults.opaquePorts ?? '', named)(port);
  const needsIdentity = portsNamed(annotations[REQUIRE_IDENTITY] ?? '', named)(port);
  const effective = needsIdentity ? policy.replace('-unauthenticated', '-authenticated') : policy;
  return {
    ...{ port, name, policy: effective, routes: [], protocol: isOpaque ? 'opaque' : 'detected' },
    authorizations: [...defaultAuthorizations(effective, defaults), ...(isOpaque ? [] : probeAuthorizations(probes))],
  };
}

function defaultAuthorizations(policy: string, { clusterNetworks }: PodDefaults): readonly Authorization[] {
  if (policy === 'deny') return [];
  const clients = policy.endsWith('-authenticated') ? WHOLE_MESH : ANYONE;
  return [{ kind: 'default', name: policy, ...clients, networks: policy.startsWith('cluster-') ? clusterNetworks : [] }];
}

/** The kubelet has no identity, and its probes are let in where no route says what is. */
const probeAuthorizations = (paths: readonly string[]): readonly Authorization[] =>
  paths.length === 0 ? [] : [{ kind: 'default', name: 'probe', ...ANYONE, paths }];

const ROUTE_KINDS: ReadonlySet<string> = new Set(['HTTPRoute', 'GRPCRoute']);

function ofServer({ port, name, probes }: Port, server: Resource, objects: PolicyObjects, defaults: PodDefaults): PortPolicy {
  const access = stringAt(server.body, 'spec', 'accessPolicy') ?? 'deny';
  const protocol = stringAt(server.body, 'spec', 'proxyProtocol') ?? 'unknown';
  const routes = objects.routes.flatMap((route) => attachedTo(route, 'Server', server.namespace, server.name));
  const accepted = routes.filter(({ refused }) => refused === undefined);
  const ofPolicies = objects.policies.flatMap((policy) => ofPolicy(policy, server, accepted, objects, defaults));
  const ofAuthorizations = objects.serverAuthorizations
    .filter((each) => selectsServer(each, server))
    .map((each) => authorizationBy(each, 'ServerAuthorization', clientsOfServerAuthorization(each, defaults)));
  const isHttp = protocol !== 'opaque' && protocol !== 'TLS';
  return {
    ...{ port, name, policy: access, protocol: protocol === 'unknown' ? 'detected' : protocol },
    server: { kind: 'Server', namespace: server.namespace, name: server.name },
    routes: accepted.map(({ route }) => configObject(route)),
    authorizations: [
      ...[...ofPolicies, ...ofAuthorizations].sort((left, right) => (left.name < right.name ? -1 : 1)),
      ...(POLICIES.has(access) ? defaultAuthorizations(access, defaults) : []),
      ...(isHttp && accepted.length === 0 ? probeAuthorizations(probes) : []),
    ],
    rateLimit: rateLimitOf(server, objects.rateLimits, defaults),
  };
}

const configObject = ({ kind, namespace, name }: Resource): ConfigObject => ({ kind: kind.slice(kind.indexOf('/') + 1), namespace, name });

const authorizationBy = (object: Resource, kind: string, clients: Clients | string, route?: ConfigObject): Authorization => ({
  ...{ kind, namespace: object.namespace, name: object.name, ...(route ? { route } : {}) },
  ...(typeof clients === 'string' ? { authentication: 'mesh-tls', identities: [], networks: [], ignored: clients } : clients),
});

function ofPolicy(
  policy: Resource,
  server: Resource,
  routes: readonly Attached[],
  objects: PolicyObjects,
  names: MeshNames,
): readonly Authorization[] {
  const target = objectAt(policy.body, 'spec', 'targetRef');
  const kind = stringAt(target, 'kind') ?? '';
  const name = stringAt(target, 'name');
  const by = (route?: ConfigObject): Authorization =>
    authorizationBy(policy, 'AuthorizationPolicy', clientsOfPolicy(policy, objects, names), route);
  if (kind === 'Namespace' || (kind === 'Server' && name === server.name)) return [by()];
  if (!ROUTE_KINDS.has(kind)) return [];
  const wanted = `${stringAt(target, 'group') ?? ''}/${kind}`.toLowerCase();
  return routes.flatMap(({ route }) => (route.name === name && route.kind.toLowerCase() === wanted ? [by(configObject(route))] : []));
}

function selectsServer({ body }: Resource, server: Resource): boolean {
  const name = stringAt(body, 'spec', 'server', 'name');
  return name === undefined ? labelSelectorMatches(objectAt(body, 'spec', 'server', 'selector'), server.labels) : name === server.name;
}

function rateLimitOf(server: Resource, limits: readonly Resource[], names: MeshNames): RateLimit | undefined {
  const found = limits.find(({ body }) => {
    const isFor = stringAt(body, 'spec', 'targetRef', 'kind') === 'Server' && stringAt(body, 'spec', 'targetRef', 'name') === server.name;
    return isFor && acceptance(itemsAt(body, 'status', 'conditions').map(({ item }) => item)) === undefined;
  });
  if (!found) return undefined;
  const spec = objectAt(found.body, 'spec');
  return {
    name: found.name,
    total: numberAt(spec, 'total', 'requestsPerSecond'),
    identity: numberAt(spec, 'identity', 'requestsPerSecond'),
    overrides: itemsAt(spec, 'overrides').map(({ item }) => ({
      requestsPerSecond: numberAt(item, 'requestsPerSecond') ?? 0,
      clients: itemsAt(item, 'clientRefs').map(
        (client) =>
          `${stringAt(client.item, 'name') ?? ''}.${stringAt(client.item, 'namespace') ?? found.namespace}.serviceaccount.identity.${names.suffix}`,
      ),
    })),
  };
}

/** Kinds whose objects say who may come in. */
export const POLICY_KINDS = {
  server: 'policy.linkerd.io/Server',
  serverAuthorization: 'policy.linkerd.io/ServerAuthorization',
  policy: 'policy.linkerd.io/AuthorizationPolicy',
  rateLimit: 'policy.linkerd.io/HTTPLocalRateLimitPolicy',
  meshTls: 'policy.linkerd.io/MeshTLSAuthentication',
  network: 'policy.linkerd.io/NetworkAuthentication',
} as const satisfies Readonly<Record<string, Kind>>;

export const ROUTES: readonly Kind[] = [
  'policy.linkerd.io/HTTPRoute',
  'gateway.networking.k8s.io/HTTPRoute',
  'gateway.networking.k8s.io/GRPCRoute',
];
