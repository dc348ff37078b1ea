/** ztunnel's `/config_dump`, which is no Envoy's. */
import { itemsAt, listAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import { readCertificates } from '../../text/pem.ts';

export interface ZtunnelWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly node: string;
  /** Its address or host; `none` without one. */
  readonly waypoint: string;
  /** `waypoint.shop`, where the dump has a Service for the address. */
  readonly waypointName?: string | undefined;
  /** `HBONE` or `TCP`. */
  readonly protocol: string;
  readonly status: string;
  readonly serviceAccount: string;
  /** Policies of its namespace that select it, by their names; those that are for all of a namespace are not among them. */
  readonly policies: readonly string[];
}

export interface ZtunnelService {
  readonly namespace: string;
  readonly name: string;
  readonly hostname: string;
  readonly addresses: readonly string[];
  /** Its address or host; `none` without one. */
  readonly waypoint: string;
  /** `waypoint.shop`, where the dump has a Service for the address. */
  readonly waypointName?: string | undefined;
  readonly endpoints: number;
  /** Of them, those of workloads that are healthy. */
  readonly healthyEndpoints: number;
}

export interface ZtunnelPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly action: string;
  readonly scope: string;
  readonly rules: number;
}

export interface ZtunnelCertificate {
  readonly identity: string;
  readonly type: 'leaf' | 'intermediate' | 'root' | undefined;
  readonly status: string;
  /** Why it is not available. */
  readonly reason?: string | undefined;
  readonly serial?: string | undefined;
  readonly notBefore?: number | undefined;
  readonly notAfter?: number | undefined;
}

export interface ZtunnelConnection {
  readonly namespace: string;
  readonly name: string;
  readonly direction: 'inbound' | 'outbound';
  readonly source: string;
  /** Of the client's choice; empty where it went to the workload itself. */
  readonly original: string;
  readonly destination: string;
  readonly protocol: string;
  /** Names for these addresses, with their ports, where the dump knows whose they are. */
  readonly sourceName?: string | undefined;
  readonly originalName?: string | undefined;
  readonly destinationName?: string | undefined;
}

/** What `/config_dump` holds, in lists. */
export interface ZtunnelDump {
  readonly workloads: readonly ZtunnelWorkload[];
  readonly services: readonly ZtunnelService[];
  readonly policies: readonly ZtunnelPolicy[];
  readonly certificates: readonly ZtunnelCertificate[];
  readonly connections: readonly ZtunnelConnection[];
}

export const isZtunnelDump = (value: unknown): boolean => {
  const root = objectAt(value);
  return root['workloads'] !== undefined && root['services'] !== undefined;
};

/** @returns undefined when the value is no dump of a ztunnel */
export function readZtunnelDump(value: unknown): ZtunnelDump | undefined {
  if (!isZtunnelDump(value)) return undefined;
  const root = objectAt(value);
  // Lists in current versions; maps by address before.
  const all = (name: string): readonly object[] =>
    Array.isArray(root[name])
      ? itemsAt(root, name).map(({ item }) => item)
      : Object.values(objectAt(root, name)).filter((each) => typeof each === 'object' && each !== null);
  const placeOf = new Map(
    all('services').flatMap((each) =>
      [...vipsOf(each), of(each, 'hostname')].map((place) => [place, `${of(each, 'name')}.${of(each, 'namespace')}`] as const),
    ),
  );
  const named = <Row extends { readonly waypoint: string }>(row: Row): Row & { readonly waypointName?: string | undefined } => ({
    ...row,
    waypointName: placeOf.get(row.waypoint),
  });
  const workloads = all('workloads')
    .map((each) => named(workload(each)))
    .sort(byName);
  const healthy = new Set(all('workloads').flatMap((each) => (of(each, 'status').toLowerCase() === 'healthy' ? [of(each, 'uid')] : [])));
  const services = all('services')
    .map((each) => named(service(each, healthy)))
    .sort(byName);
  const nameOf = namesOf(workloads, services);
  return {
    ...{ workloads, services },
    policies: all('policies').map(policy).sort(byName),
    certificates: all('certificates').flatMap(certificatesOf),
    connections: all('workloadState').flatMap((each) => connectionsOf(each, nameOf)),
  };
}

/** `10.1.2.3:80` as `web.shop:80`, `web.shop.svc.cluster.local:80`. */
function namesOf(workloads: readonly ZtunnelWorkload[], services: readonly ZtunnelService[]): (address: string) => string | undefined {
  const names = new Map([
    ...services.flatMap(({ addresses, hostname }) => addresses.map((address) => [address, hostname] as const)),
    ...workloads.flatMap(({ addresses, name, namespace }) => addresses.map((address) => [address, `${name}.${namespace}`] as const)),
  ]);
  return (address) => {
    const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
    const name = names.get(host);
    return name && `${name}:${port}`;
  };
}

const byName = (left: { namespace: string; name: string }, right: { namespace: string; name: string }): number =>
  compare(left.namespace, right.namespace) || compare(left.name, right.name);

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const of = (value: object, field: string): string => stringAt(value, field) ?? '';

/** Behind the name of the network. */
const withoutNetwork = (address: string): string => address.slice(address.indexOf('/') + 1);

const vipsOf = (value: object): readonly string[] => stringsAt(value, 'vips').map((each) => withoutNetwork(each.value));

const waypointOf = (value: object): string => {
  const { destination, hostname } = objectAt(value, 'waypoint') as { readonly destination?: unknown; readonly hostname?: unknown };
  return typeof hostname === 'string' ? hostname : typeof destination === 'string' ? withoutNetwork(destination) : 'none';
};

const workload = (value: object): ZtunnelWorkload => ({
  ...{ namespace: of(value, 'namespace'), name: of(value, 'name'), node: of(value, 'node'), protocol: of(value, 'protocol') },
  addresses: stringsAt(value, 'workloadIps').map((each) => each.value),
  waypoint: waypointOf(value),
  status: of(value, 'status'),
  serviceAccount: of(value, 'serviceAccount'),
  policies: stringsAt(value, 'authorizationPolicies').map((each) => each.value),
});

const service = (value: object, healthy: ReadonlySet<string>): ZtunnelService => ({
  ...{ namespace: of(value, 'namespace'), name: of(value, 'name'), hostname: of(value, 'hostname') },
  addresses: vipsOf(value),
  waypoint: waypointOf(value),
  endpoints: endpointsOf(value).length,
  healthyEndpoints: endpointsOf(value).filter((each) => healthy.has(of(each, 'workloadUid'))).length,
});

const endpointsOf = (value: object): readonly object[] =>
  Object.values(objectAt(value, 'endpoints')).filter((each) => typeof each === 'object' && each !== null);

const policy = (value: object): ZtunnelPolicy => ({
  ...{ namespace: of(value, 'namespace'), name: of(value, 'name'), action: of(value, 'action'), scope: of(value, 'scope') },
  rules: listAt(value, 'rules').length,
});

function certificatesOf(value: object): readonly ZtunnelCertificate[] {
  const identity = of(value, 'identity');
  const state = objectAt(value)['state'];
  const told = typeof state === 'string' ? state : (Object.keys(objectAt(value, 'state'))[0] ?? 'Unknown');
  const [, status = told, reason] = /^([^:]*): (.*)$/s.exec(told) ?? [];
  const chain = itemsAt(value, 'certChain').map(({ item }) => item);
  const roots = itemsAt(value, 'rootCerts').map(({ item }) => item);
  const entries = [...chain, ...roots];
  if (entries.length === 0) return [{ identity, type: undefined, status, reason }];
  return entries.map((entry, index) => ({
    ...{ identity, status, reason, type: index === 0 ? 'leaf' : index < entries.length - 1 ? 'intermediate' : 'root' },
    serial: readCertificates(plain(of(entry, 'pem')))[0]?.serial.toLowerCase(),
    notBefore: timeOf(entry, 'validFrom'),
    notAfter: timeOf(entry, 'expirationTime'),
  }));
}

const timeOf = (entry: object, field: string): number | undefined => {
  const time = Date.parse(of(entry, field));
  return Number.isNaN(time) ? undefined : time;
};

/** Current versions write base64 of PEM, older ones PEM. */
function plain(pem: string): string {
  if (pem.includes('-----BEGIN')) return pem;
  try {
    return atob(pem);
  } catch {
    return '';
  }
}

function connectionsOf(value: object, nameOf: (address: string) => string | undefined): readonly ZtunnelConnection[] {
  const info = objectAt(value, 'info');
  return (['inbound', 'outbound'] as const).flatMap((direction) =>
    itemsAt(value, 'connections', direction).map(({ item }) => ({
      ...{ namespace: of(info, 'namespace'), name: of(info, 'name'), direction },
      ...{ source: of(item, 'src'), original: of(item, 'originalDst'), destination: of(item, 'actualDst'), protocol: of(item, 'protocol') },
      sourceName: nameOf(of(item, 'src')),
      originalName: nameOf(of(item, 'originalDst')),
      destinationName: nameOf(of(item, 'actualDst')),
    })),
  );
}
