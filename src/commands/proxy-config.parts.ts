/** What each part is read from, and its tables. */
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
import type { Filters } from './proxy-config.filters.ts';

interface Table<Row> {
  /** What the proxy is asked for it. */
  readonly path: string;
  readonly rows: (value: unknown, filters: Filters) => readonly Row[];
  readonly head: readonly string[];
  readonly wideHead?: readonly string[];
  /** Lines of the table; several of one row when it has several. */
  readonly cells: (row: Row, wide: boolean, now: number) => readonly (readonly string[])[];
}

export interface Part {
  readonly path: string;
  rows(value: unknown, filters: Filters): readonly object[];
  head(wide: boolean): readonly string[];
  lines(value: unknown, filters: Filters, shown: { readonly wide: boolean; readonly now: number }): readonly (readonly string[])[];
}

export const part = <Row extends object>({ path, rows, head, wideHead = [], cells }: Table<Row>): Part => ({
  path,
  rows,
  head: (wide) => (wide ? [...head, ...wideHead] : head),
  lines: (value, filters, { wide, now }) => rows(value, filters).flatMap((row) => cells(row, wide, now)),
});

const NONE = '-';
const orNone = (value: string | number | undefined): string => (value === undefined || value === '' ? NONE : String(value));
const fromText = (from: ConfigObject | undefined): string => (from ? `${from.namespace}/${from.name}` : NONE);
const stateText = ({ state, error }: { readonly state: string; readonly error?: string | undefined }): string =>
  error === undefined ? state : `${state}${state === 'refused' ? '' : ', last change refused'}: ${error}`;

/** The state beside the type, where there is no column for it and it is not as it should be. */
const typeText = ({ type, state }: ClusterRow | ListenerRow, wide: boolean): string =>
  wide || state === 'static' || state === 'active' ? type : `${type}, ${state}`;

const byText = (...keys: readonly (string | number | undefined)[]): string =>
  keys.map((key) => String(key ?? '').padStart(6, ' ')).join('\u0000');
const sorted = <Row>(rows: readonly Row[], key: (row: Row) => string): readonly Row[] =>
  rows
    .map((row) => ({ row, at: key(row) }))
    .sort((left, right) => (left.at < right.at ? -1 : left.at > right.at ? 1 : 0))
    .map(({ row }) => row);

const dumpOf = (value: unknown): ConfigDump => readConfigDump(value);

const clusters = part<ClusterRow>({
  path: '/config_dump?mask=dynamic_active_clusters,dynamic_warming_clusters,static_clusters',
  rows: (value, { keeps }) =>
    sorted(dumpOf(value).clusters.map(clusterRow).filter(keeps.cluster), (row) => byText(row.service, row.subset, row.port, row.direction)),
  head: ['SERVICE', 'PORT', 'SUBSET', 'DIRECTION', 'TYPE', 'TLS', 'DESTINATION RULE'],
  wideHead: ['STATE', 'UPDATED', 'ENDPOINTS', 'NAME'],
  cells: (row, wide) => [
    [
      ...[row.service, orNone(row.port), orNone(row.subset), orNone(row.direction), typeText(row, wide), row.tls, fromText(row.from)],
      ...(wide ? [stateText(row), orNone(row.updatedAt), orNone(row.endpoints.join(',')), row.name] : []),
    ],
  ],
});

const listeners = part<ListenerRow>({
  path: '/config_dump?mask=dynamic_listeners,static_listeners',
  rows: (value, { keeps }) =>
    sorted(dumpOf(value).listeners.map(listenerRow).filter(keeps.listener), (row) =>
      byText(row.port, row.addresses[0], row.type, row.name),
    ),
  head: ['ADDRESS', 'NAME', 'TYPE', 'MATCH', 'DESTINATION', 'FILTERS'],
  wideHead: ['DIRECTION', 'STATE', 'UPDATED'],
  cells: (row, wide) => {
    const own = [orNone(row.addresses.join(',')), orNone(row.name), typeText(row, wide)];
    const more = wide ? [orNone(row.direction?.toLowerCase()), stateText(row), orNone(row.updatedAt)] : [];
    const refused = row.error === undefined || wide ? [] : [[...own, '', `Last change refused: ${row.error}`, '']];
    const chains = row.chains.map((chain, index) => [
      ...(index === 0 ? own : ['', '', '']),
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
  path: '/config_dump?mask=dynamic_route_configs,static_route_configs',
  rows: (value, { keeps }) => dumpOf(value).routes.flatMap(routeRows).filter(keeps.route),
  head: ['NAME', 'DOMAINS', 'MATCH', 'DESTINATION', 'ALSO', 'VIRTUAL SERVICE'],
  wideHead: ['VIRTUAL HOST', 'ROUTE', 'UPDATED'],
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

/** Names of a service come with many endings; two tell which it is. */
function domainsText({ domains }: RouteRow, wide: boolean): string {
  const plain = domains.filter((domain) => !/:\d+$/.test(domain));
  const told = plain.length > 0 ? plain : domains;
  return wide || told.length <= 2 ? told.join(', ') : `${told.slice(0, 2).join(', ')} + ${told.length - 2} more`;
}

/** `reviews.shop.svc.cluster.local:9080 v1 80%, v2 20%`: what several clusters have in common is said once. */
function destinationText({ instead, destinations }: RouteRow, wide: boolean): string {
  if (instead !== undefined) return instead;
  let last: string | undefined;
  const texts = destinations.map(({ cluster, weight }) => {
    const { service, port, subset, direction } = parseClusterName(cluster);
    const share = weight === undefined ? [] : [`${weight}%`];
    if (wide || direction !== 'outbound') return [cluster, ...share].join(' ');
    const place = port === undefined ? service : `${service}:${port}`;
    const isSame = place === last && subset !== undefined;
    last = place;
    return [...(isSame ? [] : [place]), ...(subset === undefined ? [] : [subset]), ...share].join(' ');
  });
  return texts.join(', ');
}

const endpoints = part<EndpointRow>({
  path: '/clusters?format=json',
  rows: (value, { keeps }) => {
    const known = field(value, 'cluster_statuses') === undefined ? endpointsOfDump(dumpOf(value)) : endpointsOfClusters(value);
    return known.filter(keeps.endpoint);
  },
  head: ['ENDPOINT', 'STATUS', 'OUTLIER CHECK', 'CLUSTER'],
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

const DAY_MS = 86_400_000;

const secrets = part<SecretRow>({
  path: '/config_dump?mask=dynamic_active_secrets,dynamic_warming_secrets,static_secrets',
  rows: (value, { keeps }) => dumpOf(value).secrets.flatMap(secretRows).filter(keeps.secret),
  head: ['NAME', 'TYPE', 'STATE', 'VALID', 'SERIAL NUMBER', 'NOT AFTER', 'TRUST DOMAIN'],
  wideHead: ['NOT BEFORE', 'SUBJECT ALTERNATIVE NAMES'],
  cells: (row, wide, now) => [
    [
      ...[row.name, row.type, row.state, heldText(row, now), orNone(row.serial), timeText(row.notAfter), orNone(row.trustDomain)],
      ...(wide ? [timeText(row.notBefore), orNone(row.subjectAltNames.join(', '))] : []),
    ],
  ],
});

export const timeText = (time: number | undefined): string =>
  time === undefined || Number.isNaN(time) ? NONE : new Date(time).toISOString().replace('.000Z', 'Z');

/** `yes`, and how long still when that is not long. */
export function validity(
  { notBefore, notAfter }: { readonly notBefore?: number | undefined; readonly notAfter?: number | undefined },
  now: number,
): string {
  if (notAfter === undefined || notBefore === undefined) return NONE;
  if (now > notAfter) return 'no, expired';
  if (now < notBefore) return 'no, not yet';
  const hours = Math.floor((notAfter - now) / 3_600_000);
  return notAfter - now < 2 * DAY_MS ? `yes, ${hours}h left` : 'yes';
}

/** What stands in a file of the proxy's own is in no dump; what the proxy could not read either is. */
function heldText(row: SecretRow, now: number): string {
  if (row.file !== undefined) return `in ${row.file}`;
  return row.type === 'certificate' && row.notAfter === undefined ? 'no, unreadable' : validity(row, now);
}

const ecds = part<ExtensionRow>({
  path: '/config_dump?mask=ecds_filters',
  rows: (value, { keeps }) => dumpOf(value).extensions.map(extensionRow).filter(keeps.extension),
  head: ['NAME', 'TYPE', 'STATE'],
  cells: (row) => [[row.name, row.type, stateText(row)]],
});

export const ENVOY_PARTS: Readonly<Record<string, Part>> = { clusters, listeners, routes, endpoints, secrets, ecds };

/** One dump serves all parts of a file, and of `all`. */
export const WHOLE_DUMP = '/config_dump?include_eds';
