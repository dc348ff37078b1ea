/** Where a proxy sends requests: what its balancers have, the addresses that the cluster has for them, and the connections to these. */
import { itemsAt, numberAt, objectAt, stringAt, stringsAt } from '../../../model/body.ts';
import { groupBy } from '../../../model/maps.ts';
import { type AskedProxy, listPart, type PartFilters } from '../../../model/proxy-part.ts';
import type { Resource } from '../../../model/resource.ts';
import type { Sample } from '../../../text/prometheus.ts';
import { NONE, orNone, sortedBy } from '../../../text/table-cells.ts';
import { ENDPOINT_SLICE, SERVICE } from '../kinds.ts';
import { isParent, type Parent, parentIn, parentText } from './parent.ts';
import { objectsOf, rawMetrics, samplesOf, sum } from './sources.ts';

interface Endpoint {
  /** `10.1.2.3:8080`. */
  readonly address: string;
  readonly pod?: string | undefined;
  /** As the EndpointSlice has it; undefined for one that it does not have. */
  readonly isReady?: boolean | undefined;
  /** Whom the proxy takes it for, by mutual TLS. */
  readonly identity?: string | undefined;
  /** Why there is no mutual TLS. */
  readonly noIdentity?: string | undefined;
  /** Open ones, and since the proxy started requests and how many of them failed. */
  readonly connections: number;
  readonly requests?: number | undefined;
  readonly failures?: number | undefined;
}

interface BackendRow {
  readonly backend: Parent;
  /** Endpoints in the balancer, by whether they take requests now; undefined where it does not count them so. */
  readonly ready?: number | undefined;
  readonly pending?: number | undefined;
  readonly endpoints: readonly Endpoint[];
}

const BALANCER = /^outbound_(?:http|grpc|tcp|tls)_balancer_(?:p2c_)?endpoints$/;
const isWanted = (name: string): boolean =>
  BALANCER.test(name) || ['tcp_open_connections', 'request_total', 'response_total'].includes(name);

async function rowsOf(proxy: AskedProxy, filters: PartFilters): Promise<readonly BackendRow[]> {
  const samples = (await samplesOf(proxy, isWanted)).filter(
    ({ name, labels }) => BALANCER.test(name) || labels['direction'] === 'outbound',
  );
  const balancers = samples.filter(({ name }) => BALANCER.test(name));
  const groups = [...groupBy(balancers, ({ labels }) => JSON.stringify(parentIn(labels, 'backend')))];
  const backends = groups.map(([, group]) => ({ backend: parentIn(group[0]?.labels ?? {}, 'backend'), group }));
  const kept = backends.filter(
    ({ backend }) => isParent(backend, filters.host) && (filters.port === undefined || backend.port === filters.port),
  );
  const namespaces = [...new Set(kept.flatMap(({ backend }) => (backend.kind === 'Service' ? [backend.namespace] : [])))];
  const objects = await Promise.all(
    namespaces.map(async (each) => [each, await objectsOf(proxy, [SERVICE, ENDPOINT_SLICE], each)] as const),
  );
  const known = new Map(objects);
  const clients = samples.filter(
    ({ labels }) => labels['dst_namespace'] !== undefined || labels['peer'] === 'dst' || labels['target_addr'] !== undefined,
  );
  const rows = kept.map(({ backend, group }): BackendRow => {
    const inState = (state: string): number | undefined => {
      const found = group.filter(({ labels }) => labels['endpoint_state'] === state);
      return found.length > 0 ? Math.max(...found.map(({ value }) => value)) : undefined;
    };
    const all = group.filter(({ labels }) => labels['endpoint_state'] === undefined).map(({ value }) => value);
    const ready = inState('ready') ?? (all.length > 0 ? Math.max(...all) : undefined);
    const here = known.get(backend.namespace);
    return {
      ...{ backend, ready, pending: inState('pending') },
      endpoints: endpointsOf(backend, here?.of(SERVICE) ?? [], here?.of(ENDPOINT_SLICE) ?? [], clients).filter((each) =>
        isKept(each, filters),
      ),
    };
  });
  return sortedBy(rows, ({ backend }) => [backend.namespace, backend.name, backend.port]);
}

const isKept = ({ address, isReady }: Endpoint, { address: wanted, status }: PartFilters): boolean =>
  (wanted === undefined || address.includes(wanted)) && (status === undefined || (isReady !== false) === (status === 'healthy'));

const SLICE_OF = 'kubernetes.io/service-name';

function endpointsOf(
  backend: Parent,
  services: readonly Resource[],
  slices: readonly Resource[],
  samples: readonly Sample[],
): readonly Endpoint[] {
  const port = itemsAt(services.find(({ name }) => name === backend.name)?.body, 'spec', 'ports').find(
    ({ item }) => item['port'] === backend.port,
  )?.item;
  const own = slices.filter(({ labels }) => labels[SLICE_OF] === backend.name);
  const told = new Map(own.flatMap((slice) => addressesIn(slice, port && (stringAt(port, 'name') ?? ''))));
  const isHere = ({ labels }: Sample): boolean =>
    told.has(labels['target_addr'] ?? '') ||
    (labels['dst_service'] === backend.name && labels['dst_namespace'] === backend.namespace && told.size === 0);
  const seen = groupBy(samples.filter(isHere), ({ labels }) => labels['target_addr'] ?? '');
  const addresses = [...new Set([...told.keys(), ...seen.keys()])].sort();
  return addresses.map((address): Endpoint => {
    const group = seen.get(address) ?? [];
    const labels = group[0]?.labels ?? {};
    const responses = group.filter(({ name }) => name === 'response_total');
    return {
      address,
      ...{ pod: told.get(address)?.pod ?? labels['dst_pod'], isReady: told.get(address)?.isReady },
      ...{ identity: labels['server_id'], noIdentity: labels['no_tls_reason'] },
      connections: sum(group.filter(({ name, labels: each }) => name === 'tcp_open_connections' && each['peer'] === 'dst')),
      requests: sum(group.filter(({ name }) => name === 'request_total')),
      failures: sum(responses.filter(({ labels: each }) => each['classification'] === 'failure')),
    };
  });
}

/** @param portName of the Service's port; undefined when that is not known, and then all ports are meant */
function addressesIn(
  { body }: Resource,
  portName: string | undefined,
): readonly (readonly [string, { readonly pod: string | undefined; readonly isReady: boolean }])[] {
  const ports = itemsAt(body, 'ports').filter(({ item }) => portName === undefined || (stringAt(item, 'name') ?? '') === portName);
  return itemsAt(body, 'endpoints').flatMap(({ item }) =>
    stringsAt(item, 'addresses').flatMap(({ value }) =>
      ports.map((port) => {
        const address = `${value.includes(':') ? `[${value}]` : value}:${numberAt(port.item, 'port') ?? 0}`;
        return [address, { pod: stringAt(item, 'targetRef', 'name'), isReady: objectAt(item, 'conditions')['ready'] !== false }] as const;
      }),
    ),
  );
}

export const endpoints = listPart<BackendRow>({
  filters: ['host', 'port', 'address', 'status'],
  rows: rowsOf,
  head: ['BACKEND', 'READY', 'ENDPOINT', 'MUTUAL TLS', 'CONNECTIONS'],
  last: [0, 2],
  wideHead: ['POD', 'IDENTITY', 'REQUESTS', 'FAILED'],
  cells: ({ backend, ready, pending, endpoints: list }, wide) => {
    const own = [parentText(backend), countText(ready, pending)];
    const lines = list.map((each) => [
      ...[`${each.address}${each.isReady === false ? ' not ready' : ''}`, tlsText(each), String(each.connections)],
      ...(wide ? [orNone(each.pod), orNone(each.identity), orNone(each.requests), orNone(each.failures)] : []),
    ]);
    return (lines.length > 0 ? lines : [[NONE, NONE, NONE, ...(wide ? [NONE, NONE, NONE, NONE] : [])]]).map((line, index) => [
      ...(index === 0 ? own : ['', '']),
      ...line,
    ]);
  },
  raw: rawMetrics,
});

const countText = (ready: number | undefined, pending: number | undefined): string =>
  ready === undefined ? NONE : pending ? `${ready}, ${pending} pending` : String(ready);

function tlsText({ identity, noIdentity }: Endpoint): string {
  if (identity !== undefined) return 'yes';
  return noIdentity === undefined ? NONE : `no, ${noIdentity.replaceAll('_', ' ')}`;
}
