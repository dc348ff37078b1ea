/** Where the proxies send a request: by the configuration that they have, and the policies of the one that gets it. */
import { itemsAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import type { KubeObject } from '../store/object.ts';
import type { Call } from '../traffic/exchange.ts';
import type { Route, RouteRequest } from '../traffic/traffic.ts';
import { type Asked, isAllowed } from './authorization.ts';
import { mtlsMode } from './listeners.ts';
import type { Held, Pilot } from './pilot.ts';
import { type MeshProxy, proxyOf, spiffeId } from './proxy.ts';

export function routeBy(pilot: Pilot): (request: RouteRequest) => Route {
  return ({ source, call, candidates, random }) => {
    const proxy = source && proxyOf(source);
    if (!proxy) {
      const pod = candidates[Math.floor(random() * candidates.length)];
      return pod ? arrival(pod, { call, pilot, from: undefined }) : { is: 'refused', status: 503, flags: 'UH' };
    }
    const held = pilot.held(proxy);
    const upstream = clusterFor(proxy, held, call, random);
    if (upstream === undefined) return { is: 'refused', status: 404, flags: 'NR' };
    const refused = { is: 'refused', status: 503, upstream } as const;
    const cluster = held.clusters.find(({ name }) => name === upstream);
    if (!cluster) return { ...refused, flags: 'NC' };
    const endpoints = itemsAt(
      held.endpoints.find(({ cluster_name }) => cluster_name === upstream),
      'endpoints',
      0,
      'lb_endpoints',
    );
    const endpoint = endpoints[Math.floor(random() * endpoints.length)]?.item;
    const ip = stringAt(endpoint, 'endpoint', 'address', 'socket_address', 'address');
    const pod = ip === undefined ? undefined : podAt(ip, pilot);
    if (!pod) return { ...refused, flags: endpoint ? 'UF,URX' : 'UH' };
    const targetPort = numberAt(endpoint, 'endpoint', 'address', 'socket_address', 'port_value') ?? call.port;
    const arrived = arrival(pod, { call, pilot, from: { proxy, isEncrypted: isEncrypted(cluster, endpoint) } });
    return { ...arrived, upstream, ...(arrived.is === 'to' ? { targetPort } : {}) };
  };
}

interface Arrival {
  readonly call: Call;
  readonly pilot: Pilot;
  /** The proxy that sent it; undefined for a client without one. */
  readonly from: { readonly proxy: MeshProxy; readonly isEncrypted: boolean } | undefined;
}

function arrival(pod: KubeObject, { call, pilot, from }: Arrival): Route {
  const proxy = proxyOf(pod);
  const refused = { is: 'refused', status: 503, by: pod } as const;
  if (!proxy) return from?.isEncrypted ? { ...refused, flags: 'UF,URX' } : { is: 'to', pod };
  // A gateway serves clients outside of the mesh; who may come in is the business of its own listeners.
  if (proxy.type !== 'sidecar') return { is: 'to', pod };
  const view = pilot.view();
  const mode = mtlsMode(proxy, view);
  if (mode === 'STRICT' && !from?.isEncrypted) return { ...refused, flags: 'UC' };
  if (mode === 'DISABLE' && from?.isEncrypted) return { ...refused, flags: 'UF,URX' };
  const principal = from?.isEncrypted ? spiffeId(from.proxy).replace('spiffe://', '') : undefined;
  const asked: Asked = { principal, method: call.method, path: call.path, host: hostOf(call), port: call.port };
  return isAllowed(asked, proxy, view) ? { is: 'to', pod } : { is: 'refused', status: 403, flags: '-', by: pod, answered: true };
}

const hostOf = ({ authority, service }: Call): string => (authority ?? service).replace(/:\d+$/, '');

function isEncrypted(cluster: object, endpoint: object | undefined): boolean {
  const socket = objectAt(cluster, 'transport_socket');
  if (Object.keys(socket).length > 0) return true;
  const tlsMode = stringAt(endpoint, 'metadata', 'filter_metadata', 'envoy.transport_socket_match', 'tlsMode');
  return itemsAt(cluster, 'transport_socket_matches').length > 0 && tlsMode === 'istio';
}

function podAt(ip: string, pilot: Pilot): KubeObject | undefined {
  for (const { pods } of pilot.view().services) {
    const found = pods.find((pod) => stringAt(pod, 'status', 'podIP') === ip);
    if (found) return found;
  }
  return undefined;
}

/** The name of the cluster; undefined when no route fits. */
function clusterFor({ type }: MeshProxy, { routes }: Held, call: Call, random: () => number): string | undefined {
  const fitting = type === 'sidecar' ? routes.filter(({ name }) => name === String(call.port)) : routes;
  const host = hostOf(call);
  const hosts = fitting.flatMap((each) => each.virtual_hosts);
  const domains = (each: object): readonly unknown[] => objectAt(each)['domains'] as readonly unknown[];
  const virtualHost = hosts.find((each) => domains(each).includes(host)) ?? hosts.find((each) => domains(each).includes('*'));
  const route = itemsAt(virtualHost, 'routes').find(({ item }) => matches(objectAt(item, 'match'), call))?.item;
  const weighted = itemsAt(route, 'route', 'weighted_clusters', 'clusters').map(({ item }) => item);
  if (weighted.length === 0) return stringAt(route, 'route', 'cluster');
  let left = random() * weighted.reduce((sum, each) => sum + (numberAt(each, 'weight') ?? 0), 0);
  const chosen = weighted.find((each) => {
    left -= numberAt(each, 'weight') ?? 0;
    return left < 0;
  });
  return stringAt(chosen, 'name');
}

function matches(match: object, { path, method, headers = {} }: Call): boolean {
  const bare = path.split('?')[0] ?? path;
  const [exact, prefix, separated] = [stringAt(match, 'path'), stringAt(match, 'prefix'), stringAt(match, 'path_separated_prefix')];
  const regex = stringAt(match, 'safe_regex', 'regex');
  const fits =
    exact !== undefined
      ? bare === exact
      : separated !== undefined
        ? bare === separated || bare.startsWith(`${separated}/`)
        : regex !== undefined
          ? wholeMatch(regex, bare)
          : bare.startsWith(prefix ?? '/');
  return fits && itemsAt(match, 'headers').every(({ item }) => headerFits(item, { ...headers, ':method': method }));
}

/** Shared by routes and taps. */
export function headerFits(matcher: object, headers: Readonly<Record<string, string>>): boolean {
  const value = headers[(stringAt(matcher, 'name') ?? '').toLowerCase()];
  const wanted = objectAt(matcher, 'string_match');
  const text = {
    exact: stringAt(wanted, 'exact') ?? stringAt(matcher, 'exact_match'),
    prefix: stringAt(wanted, 'prefix') ?? stringAt(matcher, 'prefix_match'),
  };
  const suffix = stringAt(wanted, 'suffix') ?? stringAt(matcher, 'suffix_match');
  const contains = stringAt(wanted, 'contains') ?? stringAt(matcher, 'contains_match');
  const regex = stringAt(wanted, 'safe_regex', 'regex') ?? stringAt(matcher, 'safe_regex_match', 'regex');
  const range = objectAt(matcher, 'range_match');
  const [start, end] = [numberAt(range, 'start'), numberAt(range, 'end')];
  const fits =
    value !== undefined &&
    (start === undefined || Number(value) >= start) &&
    (end === undefined || Number(value) < end) &&
    (text.exact === undefined || value === text.exact) &&
    (text.prefix === undefined || value.startsWith(text.prefix)) &&
    (suffix === undefined || value.endsWith(suffix)) &&
    (contains === undefined || value.includes(contains)) &&
    (regex === undefined || wholeMatch(regex, value));
  return objectAt(matcher)['invert_match'] === true ? !fits : fits;
}

/** Expressions are RE2, which is close enough; one that JavaScript cannot read fits nothing. */
function wholeMatch(expression: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${expression})$`).test(value);
  } catch {
    return false;
  }
}
