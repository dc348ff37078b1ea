/** Parts of an Envoy's configuration: what each is read from, and its table. */
import { clusterRow } from '../envoy/clusters.ts';
import { type ConfigDump, readConfigDump } from '../envoy/config-dump.ts';
import { endpointsOfClusters, endpointsOfDump } from '../envoy/endpoints.ts';
import { extensionRow } from '../envoy/extensions.ts';
import { field } from '../envoy/fields.ts';
import { listenerRow } from '../envoy/listeners.ts';
import { parseClusterName } from '../envoy/names.ts';
import { routeRows } from '../envoy/routes.ts';
import { secretRows } from '../envoy/secrets.ts';
import type { ClusterRow, ConfigObject, EndpointRow, ExtensionRow, ListenerRow, RouteRow, SecretRow } from '../model/proxy-config.ts';
import { listPart, objectPart, type ProxyPart } from '../model/proxy-part.ts';
import { NONE, orNone, sortedBy, timeText, validity } from '../text/table-cells.ts';
import { type BootstrapSummary, bootstrapRows, bootstrapSummary } from './proxy-config.bootstrap.ts';
import { type Keeps, keepsOf } from './proxy-config.filters.ts';

/** A list that one path of the administration answers, or two where Envoy does not give all of it at once. */
const part = <Row extends object>({
  path,
  further,
  rows,
  ...shown
}: Omit<Parameters<typeof listPart<Row>>[0], 'rows' | 'raw'> & {
  readonly path: string;
  readonly further?: string;
  readonly rows: (value: unknown, keeps: Keeps) => readonly Row[];
}): ProxyPart =>
  listPart<Row>({
    ...shown,
    rows: async (proxy, filters) => {
      const [keeps, value] = [keepsOf(filters), await proxy.json(path)];
      const rest = further === undefined ? value : await proxy.json(further);
      // A whole dump is the answer to both.
      return rest === value ? rows(value, keeps) : [...rows(value, keeps), ...rows(rest, keeps)];
    },
    raw: rawAt(path),
  });

/** What the proxy says at a path, as JSON that can be read. */
const rawAt =
  (path: string): ProxyPart['raw'] =>
  async (proxy) =>
    `${JSON.stringify(await proxy.json(path), undefined, 2)}\n`;

const fromText = (from: ConfigObject | undefined): string => (from ? `${from.namespace}/${from.name}` : NONE);
const stateText = ({ state, error }: { readonly state: string; readonly error?: string | undefined }): string =>
  error === undefined ? state : `${state}${state === 'refused' ? '' : ', last change refused'}: ${error}`;

/** The state beside the type, where there is no column for it and it is not as it should be. */
const typeText = ({ type, state }: ClusterRow | ListenerRow, wide: boolean): string =>
  wide || state === 'static' || state === 'active' ? type : `${type}, ${state}`;

const dumpOf = (value: unknown): ConfigDump => readConfigDump(value);

const clusters = part<ClusterRow>({
  filters: ['host', 'port', 'subset', 'direction', 'name', 'cluster'],
  path: '/config_dump?mask=dynamic_active_clusters,dynamic_warming_clusters,static_clusters',
  rows: (value, keeps) =>
    sortedBy(dumpOf(value).clusters.map(clusterRow).filter(keeps.cluster), (row) => [row.service, row.subset, row.port, row.direction]),
  head: ['SERVICE', 'PORT', 'SUBSET', 'DIRECTION', 'TYPE', 'DESTINATION RULE'],
  wideHead: ['TLS', 'STATE', 'UPDATED', 'ENDPOINTS', 'NAME'],
  last: [0],
  cells: (row, wide) => [
    [
      ...[short(row.service, wide), orNone(row.port), orNone(row.subset), orNone(row.direction), typeText(row, wide), fromText(row.from)],
      ...(wide ? [row.tls, stateText(row), orNone(row.updatedAt), orNone(row.endpoints.join(',')), row.name] : []),
    ],
  ],
});

const listeners = part<ListenerRow>({
  filters: ['host', 'port', 'direction', 'name', 'address', 'type'],
  path: '/config_dump?mask=dynamic_listeners,static_listeners',
  rows: (value, keeps) =>
    sortedBy(dumpOf(value).listeners.map(listenerRow).filter(keeps.listener), (row) => [row.port, row.addresses[0], row.type, row.name]),
  head: ['ADDRESS', 'TYPE', 'MATCH', 'DESTINATION', 'FILTERS'],
  wideHead: ['NAME', 'DIRECTION', 'STATE', 'UPDATED'],
  last: [0],
  cells: (row, wide) => {
    const own = [orNone(row.addresses.join(',')), typeText(row, wide)];
    const more = wide ? [orNone(row.name), orNone(row.direction?.toLowerCase()), stateText(row), orNone(row.updatedAt)] : [];
    const refused = row.error === undefined || wide ? [] : [[...own, '', `Last change refused: ${row.error}`, '']];
    const chains = row.chains.map((chain, index) => [
      ...(index === 0 ? own : ['', '']),
      ...[
        chain.match,
        chain.destination,
        orNone(
          chain.filters
            .filter(({ title }) => /^(?:RBAC|JWT)/.test(title))
            .map(({ title }) => title)
            .join(', '),
        ),
      ],
      ...(index === 0 ? more : more.map(() => '')),
    ]);
    return [...(chains.length > 0 ? chains : [[...own, NONE, NONE, NONE, ...more]]), ...refused];
  },
});

const routes = part<RouteRow>({
  filters: ['host', 'name', 'path', 'virtualService', 'cluster'],
  path: '/config_dump?mask=dynamic_route_configs,static_route_configs',
  // A mask for both of them is refused.
  further: '/config_dump?mask=inline_scoped_route_configs,dynamic_scoped_route_configs',
  rows: (value, keeps) => dumpOf(value).routes.flatMap(routeRows).filter(keeps.route),
  head: ['NAME', 'DOMAINS', 'MATCH', 'DESTINATION', 'ALSO', 'VIRTUAL SERVICE'],
  wideHead: ['VIRTUAL HOST', 'ROUTE', 'UPDATED'],
  last: [1, 2, 3],
  cells: (row, wide) => [
    [
      ...[
        orNone(row.name),
        domainsText(row, wide),
        row.match,
        destinationText(row, wide),
        orNone(row.extras.join(', ')),
        fromText(row.from),
      ],
      ...(wide ? [orNone(row.virtualHost), orNone(row.routeName), orNone(row.updatedAt)] : []),
    ],
  ],
});

/** The ending that names of Services have in most clusters, and that only -o wide shows. */
const short = (host: string, wide: boolean): string => (wide ? host : host.replace(/\.svc\.cluster\.local(?=:|$)/, ''));

/** Names of a service come with many endings; two tell which it is. */
function domainsText({ domains }: RouteRow, wide: boolean): string {
  const plain = domains.filter((domain) => !/:\d+$/.test(domain));
  const told = plain.length > 0 ? plain : domains;
  if (wide) return told.join(', ');
  const names = [...new Set(told.map((domain) => short(domain, false)))];
  return names.length <= 2 ? names.join(', ') : `${names[0]} + ${names.length - 1} more`;
}

/** `reviews.shop:9080 v1 80%, v2 20%`: what several clusters have in common is said once. */
function destinationText({ instead, destinations }: RouteRow, wide: boolean): string {
  if (instead !== undefined) return instead;
  let last: string | undefined;
  const texts = destinations.map(({ cluster, weight }) => {
    const { service, port, subset, direction } = parseClusterName(cluster);
    const share = weight === undefined ? [] : [`${weight}%`];
    if (wide || direction !== 'outbound') return [cluster, ...share].join(' ');
    const place = port === undefined ? short(service, wide) : `${short(service, wide)}:${port}`;
    const isSame = place === last && subset !== undefined;
    last = place;
    return [...(isSame ? [] : [place]), ...(subset === undefined ? [] : [subset]), ...share].join(' ');
  });
  return texts.join(', ');
}

const endpoints = part<EndpointRow>({
  filters: ['host', 'port', 'address', 'cluster', 'status'],
  path: '/clusters?format=json',
  rows: (value, keeps) => {
    const known = field(value, 'cluster_statuses') === undefined ? endpointsOfDump(dumpOf(value)) : endpointsOfClusters(value);
    return known.filter(keeps.endpoint);
  },
  head: ['ENDPOINT', 'STATUS', 'OUTLIER CHECK', 'CLUSTER'],
  last: [0],
  wideHead: ['WEIGHT', 'PRIORITY', 'LOCALITY', 'REQUESTS', 'ERRORS', 'CONNECT FAILURES'],
  cells: (row, wide) => [
    [
      ...[row.address, row.status, row.isEjected === undefined ? NONE : row.isEjected ? 'FAILED' : 'OK', row.cluster],
      ...(wide
        ? [
            String(row.weight),
            String(row.priority),
            orNone(row.locality),
            ...['rq_total', 'rq_error', 'cx_connect_fail'].map((stat) => orNone(row.stats?.[stat])),
          ]
        : []),
    ],
  ],
});

const secrets = part<SecretRow>({
  filters: ['name'],
  path: '/config_dump?mask=dynamic_active_secrets,dynamic_warming_secrets,static_secrets',
  rows: (value, keeps) => dumpOf(value).secrets.flatMap(secretRows).filter(keeps.secret),
  head: ['NAME', 'TYPE', 'STATE', 'VALID', 'NOT AFTER'],
  wideHead: ['NOT BEFORE', 'SERIAL NUMBER', 'TRUST DOMAIN', 'SUBJECT ALTERNATIVE NAMES'],
  last: [0],
  cells: (row, wide, now) => {
    const of = (each: Omit<SecretRow, 'name' | 'type' | 'state'>): readonly string[] => [
      ...[validity(each, now), timeText(each.notAfter)],
      ...(wide ? [timeText(each.notBefore), orNone(each.serial), orNone(each.trustDomain), orNone(each.subjectAltNames.join(', '))] : []),
    ];
    const own = of(row).with(0, heldText(row, now));
    return [[row.name, row.type, row.state, ...own], ...(row.chain ?? []).map((each) => ['', 'above it', '', ...of(each)])];
  },
});

/** What stands in a file of the proxy's own is in no dump; what the proxy could not read either is. */
function heldText(row: SecretRow, now: number): string {
  if (row.file !== undefined) return `in ${row.file}`;
  return row.type === 'certificate' && row.notAfter === undefined ? 'no, unreadable' : validity(row, now);
}

const ecds = part<ExtensionRow>({
  filters: ['name'],
  path: '/config_dump?mask=ecds_filters',
  rows: (value, keeps) => dumpOf(value).extensions.map(extensionRow).filter(keeps.extension),
  head: ['NAME', 'TYPE', 'STATE'],
  cells: (row) => [[row.name, row.type, stateText(row)]],
});

const BOOTSTRAP = '/config_dump?mask=bootstrap';

const bootstrap = objectPart<BootstrapSummary>({
  value: async (proxy) => bootstrapSummary(await proxy.json(BOOTSTRAP)),
  lines: bootstrapRows,
  raw: rawAt(BOOTSTRAP),
});

/** In the order in which `all` shows them. */
export const ENVOY_PARTS: Readonly<Record<string, ProxyPart>> = { bootstrap, clusters, listeners, routes, endpoints, secrets, ecds };
