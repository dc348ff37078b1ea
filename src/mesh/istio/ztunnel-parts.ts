/** The parts of a ztunnel's configuration. Of the pod that somebody asked about, where it was one. */
import { MeshctlError } from '../../errors.ts';
import { stringAt } from '../../model/body.ts';
import { type AskedProxy, listPart, type PartFilters, type ProxyPart } from '../../model/proxy-part.ts';
import type { Resource } from '../../model/resource.ts';
import { NONE, orNone, timeText, validity } from '../../text/table-cells.ts';
import {
  readZtunnelDump,
  type ZtunnelCertificate,
  type ZtunnelConnection,
  type ZtunnelDump,
  type ZtunnelPolicy,
  type ZtunnelService,
  type ZtunnelWorkload,
} from './ztunnel.ts';

export const DUMP = '/config_dump';

/** @throws MeshctlError E_DUMP */
async function dumpOf(proxy: AskedProxy): Promise<ZtunnelDump> {
  const dump = readZtunnelDump(await proxy.json(DUMP));
  if (dump) return dump;
  throw new MeshctlError('E_DUMP', 'This is no dump of a ztunnel: it has neither workloads nor services.', {
    hint: 'A ztunnel writes one at /config_dump of its port 15000. For an Envoy ask for clusters, listeners, routes, endpoints or secrets.',
  });
}

type Shown<Row extends object> = Omit<Parameters<typeof listPart<Row>>[0], 'rows' | 'raw'> & {
  readonly rows: (dump: ZtunnelDump) => readonly Row[];
  readonly keeps: (row: Row, filters: PartFilters) => boolean;
  /** Whether it concerns the pod; all rows do where this is absent. */
  readonly concerns?: (row: Row, client: Resource, dump: ZtunnelDump) => boolean;
};

const part = <Row extends object>({ rows, keeps, concerns = () => true, ...shown }: Shown<Row>): ProxyPart =>
  listPart<Row>({
    ...shown,
    async rows(proxy, filters) {
      const dump = await dumpOf(proxy);
      const { client } = proxy;
      return rows(dump).filter((row) => keeps(row, filters) && (client === undefined || concerns(row, client, dump)));
    },
    raw: async (proxy) => `${JSON.stringify(await proxy.json(DUMP), undefined, 2)}\n`,
  });

const has = (text: string, wanted: string | undefined): boolean => wanted === undefined || text.includes(wanted);
const is = (text: string, wanted: string | undefined): boolean => wanted === undefined || text === wanted;
const isOf = (row: { readonly namespace: string; readonly name: string }, { namespace, name }: Resource): boolean =>
  row.namespace === namespace && row.name === name;
const waypointText = ({ waypoint, waypointName }: Pick<ZtunnelWorkload, 'waypoint' | 'waypointName'>): string =>
  waypointName ?? (waypoint.toLowerCase() === 'none' ? NONE : waypoint);

const workloads = part<ZtunnelWorkload>({
  filters: ['host', 'name', 'address', 'node', 'workloadNamespace'],
  rows: (dump) => dump.workloads,
  keeps: (row, { host, name, address, node, workloadNamespace }) =>
    has(row.name, host) &&
    is(row.name, name) &&
    has(row.addresses.join(), address) &&
    is(row.node, node) &&
    is(row.namespace, workloadNamespace),
  concerns: isOf,
  head: ['NAMESPACE', 'NAME', 'ADDRESS', 'WAYPOINT', 'PROTOCOL'],
  last: [1, 2],
  wideHead: ['NODE', 'STATUS', 'SERVICE ACCOUNT', 'POLICIES'],
  cells: (row, wide) => [
    [
      ...[row.namespace, row.name, orNone(row.addresses.join(',')), waypointText(row), row.protocol],
      ...(wide ? [orNone(row.node), row.status, row.serviceAccount, orNone(row.policies.join(','))] : []),
    ],
  ],
});

const services = part<ZtunnelService>({
  filters: ['host', 'name', 'address', 'workloadNamespace'],
  rows: (dump) => dump.services,
  keeps: (row, { host, name, address, workloadNamespace }) =>
    has(row.hostname, host) && is(row.name, name) && has(row.addresses.join(), address) && is(row.namespace, workloadNamespace),
  head: ['NAMESPACE', 'NAME', 'ADDRESS', 'WAYPOINT', 'ENDPOINTS'],
  last: [1],
  wideHead: ['HOST'],
  cells: (row, wide) => [
    [
      ...[row.namespace, row.name, orNone(row.addresses.join(',')), waypointText(row)],
      `${row.healthyEndpoints}/${row.endpoints}`,
      ...(wide ? [row.hostname] : []),
    ],
  ],
});

const policies = part<ZtunnelPolicy>({
  filters: ['name', 'workloadNamespace'],
  rows: (dump) => dump.policies,
  keeps: (row, { name, workloadNamespace }) => is(row.name, name) && is(row.namespace, workloadNamespace),
  concerns: (row, client, dump) => {
    if (row.scope !== 'WorkloadSelector') return row.scope === 'Global' || row.namespace === client.namespace;
    const own = dump.workloads.find((each) => isOf(each, client));
    return own?.policies.includes(`${row.namespace}/${row.name}`) === true;
  },
  head: ['NAMESPACE', 'NAME', 'ACTION', 'SCOPE', 'RULES'],
  cells: (row) => [[row.namespace, row.name, row.action, row.scope, String(row.rules)]],
});

const certificates = part<ZtunnelCertificate>({
  filters: ['name', 'workloadNamespace'],
  rows: (dump) => dump.certificates,
  keeps: (row, { name, workloadNamespace }) =>
    is(row.identity, name) && has(row.identity, workloadNamespace && `/ns/${workloadNamespace}/`),
  concerns: ({ identity }, { namespace, body }) =>
    identity.endsWith(`/ns/${namespace}/sa/${stringAt(body, 'spec', 'serviceAccountName') ?? 'default'}`),
  head: ['IDENTITY', 'TYPE', 'STATUS', 'VALID'],
  wideHead: ['NOT AFTER', 'NOT BEFORE', 'SERIAL NUMBER', 'REASON'],
  last: [0],
  cells: (row, wide, now) => [
    [
      // What all of them begin with says nothing in a narrow table.
      ...[wide ? row.identity : row.identity.replace(/^spiffe:\/\//, ''), orNone(row.type), row.status, validity(row, now)],
      ...(wide ? [timeText(row.notAfter), timeText(row.notBefore), orNone(row.serial), orNone(row.reason)] : []),
    ],
  ],
});

const connections = part<ZtunnelConnection>({
  filters: ['direction', 'address', 'host', 'name', 'workloadNamespace'],
  rows: (dump) => dump.connections,
  keeps: (row, { direction, address, host, name, workloadNamespace }) =>
    is(row.direction, direction) &&
    is(row.name, name) &&
    is(row.namespace, workloadNamespace) &&
    has(`${row.source} ${row.original} ${row.destination}`, address) &&
    has(`${row.sourceName} ${row.original} ${row.originalName} ${row.destinationName}`, host),
  concerns: isOf,
  head: ['WORKLOAD', 'DIRECTION', 'PEER', 'ASKED FOR', 'PROTOCOL'],
  wideHead: ['OWN ADDRESS', 'PEER ADDRESS', 'ADDRESS ASKED FOR'],
  cells: (row, wide) => {
    const [own, peer] = row.direction === 'inbound' ? [row.destination, row.source] : [row.source, row.destination];
    const peerName = row.direction === 'inbound' ? row.sourceName : row.destinationName;
    return [
      [
        ...[`${row.name}.${row.namespace}`, row.direction, peerName ?? peer, orNone(row.originalName ?? row.original), row.protocol],
        ...(wide ? [own, peer, orNone(row.original)] : []),
      ],
    ];
  },
});

export const ZTUNNEL_PARTS: Readonly<Record<string, ProxyPart>> = { workloads, services, policies, certificates, connections };
