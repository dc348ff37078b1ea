/** Who may come in, port by port: what the objects of the cluster say, beside what the proxy has counted by it. */
import { objectAt } from '../../../model/body.ts';
import type { AskedProxy, PartFilters, ProxyPart } from '../../../model/proxy-part.ts';
import { containerPorts } from '../../../model/target-port.ts';
import type { Sample } from '../../../text/prometheus.ts';
import { NONE, orNone } from '../../../text/table-cells.ts';
import { type Authorization, POLICY_KINDS, type PortPolicy, portPolicies, ROUTES } from './authorizations.ts';
import { clientsText, UNREAD } from './clients.ts';
import { environment, liveProxy, objectsOf, rawMetrics, samplesOf, sum } from './sources.ts';

type CountedAuthorization = Authorization & {
  /** Requests, and connections of opaque ports, that it has let in since the proxy started. */
  readonly allowed: number;
};

type PolicyRow = Omit<PortPolicy, 'authorizations'> & {
  readonly authorizations: readonly CountedAuthorization[];
  /** Requests and connections that nothing let in. */
  readonly denied: number;
  readonly rateLimited: number;
  readonly routeNotFound: number;
};

const COUNTERS =
  /^inbound_(?:http_authz_(?:allow|deny)|http_route_not_found|http_local_ratelimit|tcp_authz_(?:allow|deny|terminate))_total$/;

async function readPolicies(
  proxy: AskedProxy,
  { port, name }: PartFilters,
): Promise<{ readonly rows: readonly PolicyRow[]; readonly suffix: string }> {
  const { pod } = liveProxy(proxy);
  const samples = await samplesOf(proxy, (metric) => COUNTERS.test(metric));
  const variable = await environment(proxy);
  const { namespace } = pod;
  const own = await objectsOf(
    proxy,
    [POLICY_KINDS.server, POLICY_KINDS.serverAuthorization, POLICY_KINDS.policy, POLICY_KINDS.rateLimit, ...ROUTES],
    namespace,
  );
  const authentications = await objectsOf(proxy, [POLICY_KINDS.meshTls, POLICY_KINDS.network]);
  const suffix = identitySuffix(variable('LINKERD2_PROXY_IDENTITY_LOCAL_NAME'), variable('LINKERD2_PROXY_POLICY_SVC_NAME'));
  const adminPorts = new Set(
    containerPorts(objectAt(pod.body, 'spec')).flatMap((each) => (each.name?.startsWith('linkerd-') ? [each.containerPort] : [])),
  );
  const policies = portPolicies(
    pod,
    {
      servers: own.of(POLICY_KINDS.server),
      serverAuthorizations: own.of(POLICY_KINDS.serverAuthorization),
      policies: own.of(POLICY_KINDS.policy),
      rateLimits: own.of(POLICY_KINDS.rateLimit),
      routes: ROUTES.flatMap((kind) => own.of(kind)),
      meshTls: authentications.of(POLICY_KINDS.meshTls),
      networks: authentications.of(POLICY_KINDS.network),
      isRead: (kind, where) =>
        authentications.isRead(kind === 'NetworkAuthentication' ? POLICY_KINDS.network : POLICY_KINDS.meshTls, where),
    },
    {
      suffix,
      policy: variable('LINKERD2_PROXY_INBOUND_DEFAULT_POLICY'),
      opaquePorts: variable('LINKERD2_PROXY_INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION'),
      clusterNetworks: (variable('LINKERD2_PROXY_POLICY_CLUSTER_NETWORKS') ?? '').split(',').filter(Boolean),
      seen: samples.map(({ labels }) => Number(labels['srv_port'])).filter((each) => each > 0 && !adminPorts.has(each)),
    },
  );
  const rows = policies
    .filter((row) => (port === undefined || row.port === port) && (name === undefined || row.server?.name === name))
    .map((row) => counted(row, samples));
  return { rows, suffix };
}

/** `web.shop.serviceaccount.identity.linkerd.cluster.local` ends in the namespace of the control plane and the trust domain. */
const identitySuffix = (...names: readonly (string | undefined)[]): string =>
  names.map((name) => name?.split('.serviceaccount.identity.')[1]).find(Boolean) ?? 'linkerd.cluster.local';

function counted(row: PortPolicy, samples: readonly Sample[]): PolicyRow {
  const here = samples.filter(({ labels }) => Number(labels['srv_port']) === row.port && isOf(row, labels));
  const named = (pattern: RegExp): readonly Sample[] => here.filter(({ name }) => pattern.test(name));
  // A connection is counted when it is let in, and then each of its requests: for HTTP the requests say more.
  const allowed = named(row.protocol === 'opaque' || row.protocol === 'TLS' ? /tcp_authz_allow/ : /http_authz_allow/);
  return {
    ...row,
    authorizations: row.authorizations.map((each) => ({ ...each, allowed: sum(allowed.filter(({ labels }) => isBy(each, labels))) })),
    denied: sum(named(/authz_(?:deny|terminate)/)),
    rateLimited: sum(named(/ratelimit/)),
    routeNotFound: sum(named(/route_not_found/)),
  };
}

/** Counters stay when a port changes its Server; those are another one's. */
const isOf = ({ server, policy }: PortPolicy, labels: Sample['labels']): boolean =>
  server
    ? labels['srv_kind']?.toLowerCase() === 'server' && labels['srv_name'] === server.name
    : labels['srv_kind'] === 'default' && labels['srv_name'] === policy;

const isBy = ({ kind, name, route }: Authorization, labels: Sample['labels']): boolean =>
  labels['authz_kind']?.toLowerCase() === kind.toLowerCase() &&
  labels['authz_name'] === name &&
  (route === undefined || labels['route_name'] === route.name);

export const policies: ProxyPart = {
  filters: ['port', 'name'],
  async read(proxy, filters) {
    const { rows, suffix } = await readPolicies(proxy, filters);
    return {
      value: rows,
      table: ({ wide }) => ({
        head: wide ? [...HEAD, ...WIDE_HEAD] : HEAD,
        lines: rows.flatMap((row) => linesOf(row, suffix, wide)),
        last: [0, 4],
      }),
    };
  },
  raw: rawMetrics,
};

const HEAD = ['PORT', 'SERVER', 'PROTOCOL', 'AUTHORIZATION', 'CLIENTS', 'ALLOWED', 'DENIED'];
const WIDE_HEAD = ['POLICY', 'ROUTES', 'RATE LIMIT', 'RATE LIMITED', 'NO ROUTE'];

function linesOf(row: PolicyRow, suffix: string, wide: boolean): readonly (readonly string[])[] {
  const own = [row.name ? `${row.port} ${row.name}` : String(row.port), row.server?.name ?? NONE, row.protocol];
  const more = [
    ...[row.policy, orNone(row.routes.map(({ kind, name }) => `${kind}/${name}`).join(', '))],
    ...[limitText(row), String(row.rateLimited), String(row.routeNotFound)],
  ];
  const lines = row.authorizations.map((each) => [
    titleOf(each),
    whoText(each, suffix),
    each.ignored && each.allowed === 0 ? NONE : String(each.allowed),
  ]);
  const shown = lines.length > 0 ? lines : [[NONE, 'nobody', NONE]];
  return shown.map((line, index) => [
    ...(index === 0 ? own : ['', '', '']),
    ...line,
    index === 0 ? String(row.denied) : '',
    ...(wide ? (index === 0 ? more : more.map(() => '')) : []),
  ]);
}

const titleOf = ({ kind, name, route, paths }: Authorization): string => {
  const on = route ? ` on ${route.kind}/${route.name}` : paths ? ` ${paths.join(' ')}` : '';
  return `${kind === 'default' ? name : `${SHORT[kind] ?? kind}/${name}`}${on}`;
};

/** As kubectl takes them. */
const SHORT: Readonly<Record<string, string>> = { AuthorizationPolicy: 'authzpolicy', ServerAuthorization: 'saz' };

const whoText = (each: Authorization, suffix: string): string =>
  each.ignored === undefined
    ? clientsText(each, { suffix })
    : each.ignored.startsWith(UNREAD)
      ? `unknown: ${each.ignored}`
      : `nobody: ${each.ignored}`;

function limitText({ rateLimit }: PolicyRow): string {
  if (!rateLimit) return NONE;
  const { name, total, identity, overrides } = rateLimit;
  const parts = [
    ...(total === undefined ? [] : [`${total}/s`]),
    ...(identity === undefined ? [] : [`${identity}/s each`]),
    ...overrides.map((each) => `${each.requestsPerSecond}/s for ${each.clients.length}`),
  ];
  return `${name}: ${parts.join(', ')}`;
}
