/** How a proxy routes: the routes that the objects of the cluster make for what it calls and serves, and the requests it has counted by them. */
import { groupBy } from '../../../model/maps.ts';
import type { ConfigObject } from '../../../model/proxy-config.ts';
import { type AskedProxy, listPart, type PartFilters } from '../../../model/proxy-part.ts';
import type { Kind, Resource } from '../../../model/resource.ts';
import type { Sample } from '../../../text/prometheus.ts';
import { NONE, orNone, sortedBy } from '../../../text/table-cells.ts';
import { count } from '../../../text/words.ts';
import { POLICY_KINDS, portPolicies, ROUTES } from './authorizations.ts';
import { isParent, type Parent, parentIn, parentText } from './parent.ts';
import { type Attached, attachedTo, parentsOf } from './parents.ts';
import { isStream, profileRules, profileService, type RouteRule, rulesOf } from './route-rules.ts';
import { liveProxy, objectsOf, rawMetrics, samplesOf, sum } from './sources.ts';

interface CountedRule extends RouteRule {
  /** Since the proxy started, where it counts them by rule. */
  readonly requests?: number | undefined;
  readonly failures?: number | undefined;
}

interface RouteRow {
  readonly direction: 'inbound' | 'outbound';
  readonly parent: Parent;
  /** Undefined for the route that there is where no object makes one. */
  readonly route?: ConfigObject | undefined;
  readonly hostnames: readonly string[];
  readonly rules: readonly CountedRule[];
  /** Why the proxy does not take it, as a clause. */
  readonly ignored?: string | undefined;
  /** Connections for those that are about connections. */
  readonly requests?: number | undefined;
  readonly failures?: number | undefined;
}

const PROFILE: Kind = 'linkerd.io/ServiceProfile';

/** Of these, outbound only. */
const STREAM_ROUTES: readonly Kind[] = ['gateway.networking.k8s.io/TLSRoute', 'gateway.networking.k8s.io/TCPRoute'];
const CLIENT_ROUTES: readonly Kind[] = [...ROUTES, ...STREAM_ROUTES];
/** What clients call, and routes may be attached to. */
const CALLED = ['Service', 'EgressNetwork'];

const OUTBOUND = /^outbound_(?:http|grpc)_route_(?:request_statuses|backend_requests|backend_response_statuses)_total$/;
const STREAMS = /^outbound_(?:tcp|tls)_route_open_total$/;
const BALANCER = /^outbound_(?:http|grpc|tcp|tls)_balancer_(?:p2c_)?endpoints$/;
const INBOUND = /^inbound_(?:http|grpc)_(?:request_count|authz_allow_total)$|^inbound_http_authz_allow_total$/;
const PROFILED = /^route_(?:request|response)_total$/;

async function rowsOf(proxy: AskedProxy, filters: PartFilters): Promise<readonly RouteRow[]> {
  const samples = await samplesOf(proxy, (name) => [OUTBOUND, STREAMS, BALANCER, INBOUND, PROFILED].some((each) => each.test(name)));
  const rows = [
    ...(filters.direction === 'inbound' ? [] : await outbound(proxy, filters, samples)),
    ...(filters.direction === 'outbound' ? [] : await inbound(proxy, samples)),
  ];
  const kept = rows.filter(
    ({ parent, route }) =>
      isParent(parent, filters.host) &&
      (filters.port === undefined || parent.port === undefined || parent.port === filters.port) &&
      (filters.name === undefined || route?.name === filters.name) &&
      (filters.virtualService === undefined ||
        filters.virtualService === (filters.virtualService.includes('/') ? `${route?.namespace}/${route?.name}` : route?.name)),
  );
  return sortedBy(kept, ({ direction, parent, route }) => [
    direction === 'outbound' ? 0 : 1,
    parent.namespace,
    parent.name,
    parent.port,
    route?.name,
  ]);
}

/** Proxies ask for the policy of a Service when something calls it: what they have not counted for they do not have. */
async function outbound(proxy: AskedProxy, { host }: PartFilters, samples: readonly Sample[]): Promise<readonly RouteRow[]> {
  const { pod } = liveProxy(proxy);
  const parents = new Map(
    samples
      .filter(({ labels }) => labels['parent_name'] !== undefined)
      .map(({ labels }) => [JSON.stringify(parentIn(labels, 'parent')), parentIn(labels, 'parent')]),
  );
  const objects = await objectsOf(proxy, [...CLIENT_ROUTES, PROFILE]);
  // Routes of a Service's own namespace are for all clients; those of another one are for clients in it.
  const attached = CLIENT_ROUTES.flatMap((kind) => objects.of(kind))
    .flatMap((route) => CALLED.flatMap((kind) => parentsOf(route, kind)))
    .filter(({ route, namespace }) => route.namespace === namespace || route.namespace === pod.namespace);
  const profiles = objects.of(PROFILE).flatMap((profile) => {
    const service = profileService(profile);
    return service && (profile.namespace === service.namespace || profile.namespace === pod.namespace) ? [{ profile, service }] : [];
  });
  const isCalled = ({ kind, namespace, name }: Pick<Parent, 'kind' | 'namespace' | 'name'>): boolean =>
    [...parents.values()].some((parent) => parent.kind === kind && parent.namespace === namespace && parent.name === name);
  const uncalled = [...attached, ...profiles.map(({ service }) => ({ kind: 'Service', ...service }))].filter((each) => !isCalled(each));
  if (host === undefined && uncalled.length > 0) {
    const destinations = new Set(uncalled.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`));
    proxy.remark(
      `Routes of ${count(destinations.size, 'destination')} that this proxy has not called yet are left out; --host shows them.`,
    );
  } else {
    for (const { kind, namespace, name } of uncalled.filter((each) => isParent(each, host))) {
      parents.set(`${kind} ${namespace}/${name}`, { kind, namespace, name });
    }
  }
  return [...parents.values()].flatMap((parent): readonly RouteRow[] => {
    const here = attached.filter(
      ({ kind, namespace, name, port }) =>
        kind === parent.kind &&
        namespace === parent.namespace &&
        name === parent.name &&
        (port === undefined || parent.port === undefined || port === parent.port),
    );
    const profiled = profiles.filter(
      ({ service }) => parent.kind === 'Service' && service.namespace === parent.namespace && service.name === parent.name,
    );
    // The client's own profile goes before the Service's.
    const profile = (profiled.find((each) => each.profile.namespace === pod.namespace) ?? profiled[0])?.profile;
    const routes = here.map((each) => ofRoute(each, parent, samples, profile));
    const isDefault = profile === undefined && routes.every(({ ignored }) => ignored !== undefined);
    return [...(profile ? [ofProfile(profile, parent, samples)] : []), ...routes, ...(isDefault ? [ofDefault(parent, samples)] : [])];
  });
}

function ofRoute({ route, refused }: Attached, parent: Parent, samples: readonly Sample[], profile: Resource | undefined): RouteRow {
  const ignored = refused ?? (profile ? `ServiceProfile ${profile.namespace}/${profile.name} is used instead` : undefined);
  return {
    direction: 'outbound',
    parent,
    route: configObject(route),
    ...rulesOf(route, parent),
    ignored,
    ...(ignored ? {} : isStream(route) ? opensOf(samples, parent, route.name) : countsOf(samples, parent, route.name)),
  };
}

/** Of a port whose protocol is opaque only connections are counted. */
function ofDefault(parent: Parent, samples: readonly Sample[]): RouteRow {
  const own = samples.filter(({ name, labels }) => name.startsWith('outbound_') && isFor(labels, parent));
  const isOpaque = own.length > 0 && own.every(({ name }) => /^outbound_(?:tcp|tls)_/.test(name));
  return {
    ...{ direction: 'outbound', parent, hostnames: [] },
    rules: [{ matches: [isOpaque ? 'connections' : '/*'], backends: [parent], extras: [] }],
    ...(isOpaque ? opensOf(samples, parent, undefined) : countsOf(samples, parent, undefined)),
  };
}

const isFor = (labels: Sample['labels'], parent: Parent): boolean => {
  const each = parentIn(labels, 'parent');
  return each.namespace === parent.namespace && each.name === parent.name && (parent.port === undefined || each.port === parent.port);
};

const isBy = (labels: Sample['labels'], route: string | undefined): boolean =>
  route === undefined ? labels['route_kind'] === 'default' : labels['route_kind'] !== 'default' && labels['route_name'] === route;

/** Connections, of routes that are about these. */
const opensOf = (samples: readonly Sample[], parent: Parent, route: string | undefined): Pick<RouteRow, 'requests'> => ({
  requests: sum(samples.filter(({ name, labels }) => STREAMS.test(name) && isFor(labels, parent) && isBy(labels, route))),
});

function ofProfile(profile: Resource, parent: Parent, samples: readonly Sample[]): RouteRow {
  const own = samples.filter(
    ({ name, labels }) =>
      PROFILED.test(name) && labels['direction'] === 'outbound' && labels['dst']?.startsWith(`${profile.name}:`) === true,
  );
  const rules = profileRules(profile, parent).map((rule): CountedRule => {
    const here = own.filter(({ labels }) => labels['rt_route'] === rule.name);
    return { ...rule, ...requestsIn(here, 'route_request_total', 'route_response_total') };
  });
  return {
    direction: 'outbound',
    parent,
    route: configObject(profile),
    hostnames: [],
    rules,
    ...requestsIn(own, 'route_request_total', 'route_response_total'),
  };
}

const requestsIn = (samples: readonly Sample[], requests: string, responses: string): Pick<CountedRule, 'requests' | 'failures'> => ({
  requests: sum(samples.filter(({ name }) => name === requests)),
  failures: sum(samples.filter(({ name, labels }) => name === responses && labels['classification'] === 'failure')),
});

/** @param route name; undefined for the default route */
function countsOf(samples: readonly Sample[], parent: Parent, route: string | undefined): Pick<RouteRow, 'requests' | 'failures'> {
  const own = samples.filter(
    ({ name, labels }) =>
      /^outbound_(?:http|grpc)_route_request_statuses_total$/.test(name) && isFor(labels, parent) && isBy(labels, route),
  );
  return { requests: sum(own), failures: sum(own.filter(({ labels }) => hasFailed(labels))) };
}

/** An error of the proxy's own, a status of 500 and above, or one of gRPC other than OK. */
const hasFailed = (labels: Sample['labels']): boolean =>
  (labels['error'] ?? '') !== '' ||
  Number(labels['http_status'] ?? 0) >= 500 ||
  !['', 'OK', '0', undefined].includes(labels['grpc_status']);

async function inbound(proxy: AskedProxy, samples: readonly Sample[]): Promise<readonly RouteRow[]> {
  const { pod } = liveProxy(proxy);
  const objects = await objectsOf(proxy, [POLICY_KINDS.server, ...ROUTES], pod.namespace);
  const routes = ROUTES.flatMap((kind) => objects.of(kind));
  const nothing = { serverAuthorizations: [], policies: [], rateLimits: [], meshTls: [], networks: [], routes };
  const ports = portPolicies(
    pod,
    { ...nothing, servers: objects.of(POLICY_KINDS.server) },
    { suffix: '', policy: undefined, opaquePorts: undefined, clusterNetworks: [], seen: [] },
  );
  const byServer = groupBy(
    ports.filter(({ server }) => server !== undefined),
    ({ server }) => server?.name ?? '',
  );
  return [...byServer].flatMap(([name, group]) =>
    routes
      .flatMap((route) => attachedTo(route, 'Server', pod.namespace, name))
      .map(({ route, refused }): RouteRow => {
        const numbers = new Set(group.map(({ port }) => String(port)));
        const own = samples.filter(
          ({ name: metric, labels }) =>
            metric === 'inbound_http_authz_allow_total' &&
            numbers.has(labels['srv_port'] ?? '') &&
            labels['srv_name'] === name &&
            labels['route_name'] === route.name,
        );
        const parent = { kind: 'Server', namespace: pod.namespace, name };
        return {
          ...{ direction: 'inbound', parent, route: configObject(route), ...rulesOf(route, parent), ignored: refused },
          ...(refused ? {} : { requests: sum(own) }),
        };
      }),
  );
}

const configObject = ({ kind, namespace, name }: Resource): ConfigObject => ({ kind: kind.slice(kind.indexOf('/') + 1), namespace, name });

export const routes = listPart<RouteRow>({
  filters: ['host', 'port', 'direction', 'name', 'virtualService'],
  rows: rowsOf,
  last: [0, 2, 3],
  head: ['FOR', 'ROUTE', 'MATCH', 'DESTINATION', 'ALSO', 'REQUESTS', 'FAILED'],
  wideHead: ['DIRECTION', 'HOSTS', 'RULE'],
  cells: (row, wide) => {
    const { parent, ignored } = row;
    const own = [parentText(parent), routeText(row)];
    const many = row.rules.some((rule) => rule.requests !== undefined);
    const lines = row.rules.map((rule, index) => [
      ...(index === 0 ? own : ['', '']),
      ...[rule.matches.join(' or '), orNone(rule.backends.map((each) => backendText(each, parent)).join(', '))],
      orNone([...(ignored === undefined ? [] : [`IGNORED: ${ignored}`]), ...rule.extras].join(', ')),
      ...(many ? [orNone(rule.requests), orNone(rule.failures)] : index === 0 ? [orNone(row.requests), orNone(row.failures)] : ['', '']),
      ...(wide ? (index === 0 ? [row.direction, orNone(row.hostnames.join(',')), orNone(rule.name)] : ['', '', orNone(rule.name)]) : []),
    ]);
    const none = [...own, NONE, NONE, ignored === undefined ? NONE : `IGNORED: ${ignored}`, orNone(row.requests), orNone(row.failures)];
    return lines.length > 0 ? lines : [[...none, ...(wide ? [row.direction, orNone(row.hostnames.join(',')), NONE] : [])]];
  },
  raw: rawMetrics,
});

/** Profiles have the name of their Service, and namespaces that are the parent's own need not be said again. */
function routeText({ route, parent }: RouteRow): string {
  if (!route) return 'default';
  const home = route.namespace === parent.namespace ? '' : `${route.namespace}/`;
  return route.kind === 'ServiceProfile' ? `${route.kind}${home && ` of ${route.namespace}`}` : `${route.kind} ${home}${route.name}`;
}

function backendText(backend: Parent & { readonly weight?: number | undefined }, parent: Parent): string {
  const near = backend.namespace === parent.namespace ? { ...backend, namespace: '' } : backend;
  return `${parentText(near)}${backend.weight === undefined ? '' : ` ${backend.weight}%`}`;
}
