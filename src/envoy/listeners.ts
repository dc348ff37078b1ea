/** Listeners: what each of their filter chains takes, and where it goes. */
import type { ChainRow, ListenerRow } from '../model/proxy-config.ts';
import type { Entry } from './config-dump.ts';
import { addressText, body, items, number, text, texts, typeOf } from './fields.ts';
import { filterRows } from './filters.ts';
import { inlineMatches } from './routes.ts';

export function listenerRow({ resource, state, version, updatedAt, error }: Entry): ListenerRow {
  const address = body(resource, 'address');
  const more = items(resource, 'additional_addresses').map((each) => body(each, 'address'));
  const addresses = [address, ...more].flatMap((each) => addressText(each) ?? []);
  const fallback = body(resource, 'default_filter_chain');
  const chains = [
    ...items(resource, 'filter_chains').map((chain) => chainRow(chain, matchText(body(chain, 'filter_chain_match')))),
    ...(fallback ? [chainRow(fallback, 'ALL')] : []),
  ];
  return {
    ...{ state, version, updatedAt, error, addresses, chains },
    name: text(resource, 'name') ?? '',
    port: number(address, 'socket_address', 'port_value') ?? 0,
    direction: text(resource, 'traffic_direction'),
    type: typeOfChains(chains),
  };
}

function typeOfChains(chains: readonly ChainRow[]): string {
  const titles = new Set(chains.flatMap(({ filters }) => filters.map(({ title }) => title)));
  const kinds = ['HTTP', 'TCP'].filter((each) => titles.has(each));
  return kinds.length === 0 ? 'UNKNOWN' : kinds.join('+');
}

function chainRow(chain: unknown, match: string): ChainRow {
  const filters = items(chain, 'filters');
  return { name: text(chain, 'name'), match, destination: destinationOf(filters), filters: filters.flatMap(filterRows) };
}

/** The ALPN that Istio's proxies speak among themselves, and what clients of plain protocols offer. */
const PROTOCOLS: readonly (readonly [name: string, alpn: readonly string[]])[] = [
  ['HTTP', ['http/1.1', 'h2c']],
  ['HTTP TLS', ['http/1.1', 'h2']],
  ['Istio HTTP Plain', ['istio', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2']],
  ['TCP TLS', ['istio-peer-exchange', 'istio']],
  ['Istio HTTP and TCP', ['istio', 'istio-peer-exchange', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2']],
];

function protocolsText(alpn: readonly string[]): string {
  const known = PROTOCOLS.find(([, each]) => each.length === alpn.length && each.every((one) => alpn.includes(one)));
  return known ? known[0] : alpn.join(',');
}

/** `Trans: tls; SNI: shop.example.com; Addr: *:9080`; `ALL` when it asks for nothing. */
function matchText(match: unknown): string {
  const transport = text(match, 'transport_protocol');
  const names = texts(match, 'server_names');
  const alpn = texts(match, 'application_protocols');
  const ranges = items(match, 'prefix_ranges').map(rangeText);
  const port = number(match, 'destination_port');
  const sources = items(match, 'source_prefix_ranges').map(rangeText);
  const destination = [
    ...(ranges.length > 0 ? [ranges.join(',')] : port === undefined ? [] : ['*']),
    ...(port === undefined ? [] : [String(port)]),
  ];
  const parts = [
    ...(transport === undefined ? [] : [`Trans: ${transport}`]),
    ...(names.length === 0 ? [] : [`SNI: ${names.join(',')}`]),
    ...(alpn.length === 0 ? [] : [`App: ${protocolsText(alpn)}`]),
    ...(destination.length === 0 ? [] : [`Addr: ${destination.join(':')}`]),
    ...(sources.length === 0 ? [] : [`From: ${sources.join(',')}`]),
  ];
  return parts.length === 0 ? 'ALL' : parts.join('; ');
}

function rangeText(range: unknown): string {
  const prefix = text(range, 'address_prefix') ?? '';
  const length = number(range, 'prefix_len');
  return length === undefined ? prefix : `${prefix}/${length}`;
}

function destinationOf(filters: readonly object[]): string {
  for (const filter of filters) {
    const config = body(filter, 'typed_config');
    const kind = typeOf(config).split('.').at(-1);
    if (kind === 'HttpConnectionManager') {
      const route = text(config, 'rds', 'route_config_name');
      if (route !== undefined) return `Route: ${route}`;
      return body(config, 'route_config') ? inlineText(body(config, 'route_config')) : 'Routes: scoped';
    }
    if (kind === 'TcpProxy') return clustersText(config);
  }
  return 'Non-HTTP/Non-TCP';
}

/** Where everything goes to one cluster its name tells more than the routes. */
function inlineText(routes: unknown): string {
  const clusters = new Set(
    items(routes, 'virtual_hosts').flatMap((host) => items(host, 'routes').map((route) => text(route, 'route', 'cluster'))),
  );
  const [only] = clusters;
  const matches = inlineMatches(routes);
  const isEverything = matches.length === 1 && matches[0] === '/*';
  return clusters.size === 1 && only !== undefined && isEverything ? `Cluster: ${only}` : `Inline Route: ${matches.join(', ')}`;
}

function clustersText(config: unknown): string {
  const weighted = items(config, 'weighted_clusters', 'clusters');
  if (weighted.length > 0) {
    const total = weighted.reduce((sum, each) => sum + (number(each, 'weight') ?? 0), 0);
    return `Clusters: ${weighted.map((each) => `${text(each, 'name')} ${Math.round(((number(each, 'weight') ?? 0) / Math.max(total, 1)) * 100)}%`).join(', ')}`;
  }
  const cluster = text(config, 'cluster') ?? '-';
  return cluster === 'PassthroughCluster' || cluster === 'BlackHoleCluster' ? cluster : `Cluster: ${cluster}`;
}
