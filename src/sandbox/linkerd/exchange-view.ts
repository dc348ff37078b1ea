/** What the proxies at both ends of an exchange know of it: identities, addresses, and whether it is HTTP to them. */
import { itemsAt, stringAt } from '../../model/body.ts';
import type { KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import type { Exchange } from '../traffic/exchange.ts';
import { OPAQUE_PORTS } from './names.ts';
import { describedBy, identityOf, proxyOf } from './pods.ts';

type Tls = Readonly<Record<string, string>>;

/** TLS to a destination, as the client's proxy sees it. */
export const tlsTo = (destination: KubeObject): Tls =>
  proxyOf(destination)
    ? { tls: 'true', server_id: identityOf(destination) }
    : { tls: 'no_identity', no_tls_reason: 'not_provided_by_service_discovery' };

/** TLS from a source, as the server's proxy sees it. */
export const tlsFrom = (source: KubeObject | undefined): Tls =>
  source && proxyOf(source) ? { tls: 'true', client_id: identityOf(source) } : { tls: 'no_identity', no_tls_reason: 'no_tls_from_remote' };

export const LOOPBACK: Tls = { tls: 'no_identity', no_tls_reason: 'loopback' };

export const targetLabels = (ip: string, port: number): Readonly<Record<string, string>> => ({
  ...{ target_addr: `${ip}:${port}`, target_ip: ip, target_port: String(port) },
});

/** Labels of an endpoint on the client's metrics. */
export function endpointLabels({ service }: Exchange, destination: KubeObject, store: Store): Readonly<Record<string, string>> {
  const described = { ...describedBy(destination, store), service, zone: '' };
  return Object.fromEntries(Object.entries(described).map(([name, value]) => [`dst_${name}`, value]));
}

const OPAQUE = 'config.linkerd.io/opaque-ports';

/** Whether an annotation, or the default list in its absence, takes a port for opaque: one that is not looked into. */
export function isOpaque(object: KubeObject | undefined, port: number): boolean {
  const listed = object?.metadata.annotations?.[OPAQUE] ?? OPAQUE_PORTS;
  return listed.split(',').some((each) => {
    const [first = 0, last = first] = each.split('-').map(Number);
    return port >= first && port <= last;
  });
}

export const clusterAddress = (store: Store, { namespace, service }: Pick<Exchange, 'namespace' | 'service'>): string =>
  stringAt(store.get('core/Service', namespace, service), 'spec', 'clusterIP') ?? '0.0.0.0';

export interface EndpointCounts {
  readonly ready: number;
  readonly pending: number;
}

export function endpointCounts(store: Store, namespace: string, service: string): EndpointCounts {
  const subsets = itemsAt(store.get('core/Endpoints', namespace, service), 'subsets').map(({ item }) => item);
  const count = (field: string): number => subsets.reduce((sum, subset) => sum + itemsAt(subset, field).length, 0);
  return { ready: count('addresses'), pending: count('notReadyAddresses') };
}

export const isDenied = ({ destination, status, flags }: Exchange): boolean =>
  destination !== undefined && (status === 403 || status === 404) && flags === DENIED;

/** The flag of an exchange that the server's proxy refused by its policy. */
export const DENIED = 'UAEX';
