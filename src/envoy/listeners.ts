/** Listeners: what each of their filter chains takes, and where it goes. */
import { groupBy } from '../model/maps.ts';
import type { ChainRow, ListenerRow } from '../model/proxy-config.ts';
import { matchText, waysText, wayText } from './chain-match.ts';
import type { Entry } from './config-dump.ts';
import { addressText, body, items, number, text, typeOf } from './fields.ts';
import { filterRows } from './filters.ts';
import { chainNamed, leavesOf } from './matcher.ts';
import { inlineMatches } from './routes.ts';

export function listenerRow({ resource, state, version, updatedAt, error }: Entry): ListenerRow {
  const name = text(resource, 'name') ?? '';
  const address = body(resource, 'address');
  const more = items(resource, 'additional_addresses').map((each) => body(each, 'address'));
  const addresses = [address, ...more].flatMap((each) => addressText(each) ?? []);
  const chains = chainRows(resource);
  const isDatagram = text(address, 'socket_address', 'protocol') === 'UDP';
  return {
    ...{ state, version, updatedAt, error, name, chains },
    // Envoy reaches them by this address too.
    addresses: addresses.length === 0 && body(resource, 'internal_listener') ? [`envoy://${name}`] : addresses,
    port: number(address, 'socket_address', 'port_value') ?? 0,
    direction: text(resource, 'traffic_direction'),
    type: [...typesOfChains(chains), ...(isDatagram ? ['UDP'] : [])].join('+') || 'UNKNOWN',
  };
}

/** A chain says itself what it takes, unless the listener has a tree that names the chain for each way. */
function chainRows(listener: unknown): readonly ChainRow[] {
  const tree = body(listener, 'filter_chain_matcher');
  const ways = groupBy(leavesOf(tree), chainNamed);
  const waysTo = (chain: unknown): string => {
    const own = ways.get(text(chain, 'name'));
    return own ? waysText(own.map(({ conditions }) => conditions)) : 'nothing';
  };
  const fallback = body(listener, 'default_filter_chain');
  return [
    ...items(listener, 'filter_chains').map((chain) =>
      chainRow(chain, tree ? waysTo(chain) : matchText(body(chain, 'filter_chain_match'))),
    ),
    ...(fallback ? [chainRow(fallback, 'ALL')] : []),
    // What takes datagrams stands where others have filters that only look.
    ...items(listener, 'listener_filters').flatMap((filter) => datagramChain(filter)),
  ];
}

function datagramChain(filter: unknown): readonly ChainRow[] {
  const config = body(filter, 'typed_config');
  if (typeOf(config).split('.').at(-1) !== 'UdpProxyConfig') return [];
  const ways = leavesOf(body(config, 'matcher'));
  const all = ways.length > 0 ? ways : [{ conditions: [], action: config ?? {} }];
  return all.map(({ conditions, action }) => ({
    match: wayText(conditions),
    destination: `Cluster: ${text(action, 'cluster') ?? '-'}`,
    filters: filterRows(filter),
  }));
}

function typesOfChains(chains: readonly ChainRow[]): readonly string[] {
  const titles = new Set(chains.flatMap(({ filters }) => filters.map(({ title }) => title)));
  return ['HTTP', 'TCP'].filter((each) => titles.has(each));
}

function chainRow(chain: unknown, match: string): ChainRow {
  const filters = items(chain, 'filters');
  return { name: text(chain, 'name'), match, destination: destinationOf(filters), filters: filters.flatMap(filterRows) };
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
