/** ztunnel's `/config_dump`, which is no Envoy's. */
import { itemsAt, listAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import { readCertificates } from '../../text/pem.ts';

export interface ZtunnelWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly node: string;
  readonly waypoint: string;
  /** `HBONE` or `TCP`. */
  readonly protocol: string;
  readonly status: string;
  readonly serviceAccount: string;
}

export interface ZtunnelService {
  readonly namespace: string;
  readonly name: string;
  readonly hostname: string;
  readonly addresses: readonly string[];
  readonly waypoint: string;
  readonly endpoints: number;
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
}

export interface ZtunnelDump {
  readonly workloads: readonly ZtunnelWorkload[];
  readonly services: readonly ZtunnelService[];
  readonly policies: readonly ZtunnelPolicy[];
  readonly certificates: readonly ZtunnelCertificate[];
  readonly connections: readonly ZtunnelConnection[];
}

/** @returns undefined when the value is no dump of a ztunnel */
export function readZtunnelDump(value: unknown): ZtunnelDump | undefined {
  const root = objectAt(value);
  if (root['workloads'] === undefined || root['services'] === undefined) return undefined;
  // Lists in current versions; maps by address before.
  const all = (name: string): readonly object[] =>
    Array.isArray(root[name])
      ? itemsAt(root, name).map(({ item }) => item)
      : Object.values(objectAt(root, name)).filter((each) => typeof each === 'object' && each !== null);
  return {
    workloads: all('workloads').map(workload).sort(byName),
    services: all('services').map(service).sort(byName),
    policies: all('policies').map(policy).sort(byName),
    certificates: all('certificates').flatMap(certificatesOf),
    connections: all('workloadState').flatMap(connectionsOf),
  };
}

const byName = (left: { namespace: string; name: string }, right: { namespace: string; name: string }): number =>
  compare(left.namespace, right.namespace) || compare(left.name, right.name);

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const of = (value: object, field: string): string => stringAt(value, field) ?? '';

/** Behind the name of the network. */
const withoutNetwork = (address: string): string => address.slice(address.indexOf('/') + 1);

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
});

const service = (value: object): ZtunnelService => ({
  ...{ namespace: of(value, 'namespace'), name: of(value, 'name'), hostname: of(value, 'hostname') },
  addresses: stringsAt(value, 'vips').map((each) => withoutNetwork(each.value)),
  waypoint: waypointOf(value),
  endpoints: Object.keys(objectAt(value, 'endpoints')).length,
});

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
    serial: readCertificates(pemOf(entry))[0]?.serial.toLowerCase(),
    notBefore: Date.parse(of(entry, 'validFrom')),
    notAfter: Date.parse(of(entry, 'expirationTime')),
  }));
}

/** Base64 around it in current versions; as it is before. */
function pemOf(entry: object): string {
  const text = of(entry, 'pem');
  if (text.startsWith('-----')) return text;
  try {
    return atob(text);
  } catch {
    return '';
  }
}

function connectionsOf(value: object): readonly ZtunnelConnection[] {
  const info = objectAt(value, 'info');
  return (['inbound', 'outbound'] as const).flatMap((direction) =>
    itemsAt(value, 'connections', direction).map(({ item }) => ({
      ...{ namespace: of(info, 'namespace'), name: of(info, 'name'), direction },
      ...{ source: of(item, 'src'), original: of(item, 'originalDst'), destination: of(item, 'actualDst'), protocol: of(item, 'protocol') },
    })),
  );
}
