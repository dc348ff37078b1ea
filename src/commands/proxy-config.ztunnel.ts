/** The parts of a ztunnel's configuration. */
import { MeshctlError } from '../errors.ts';
import {
  readZtunnelDump,
  type ZtunnelCertificate,
  type ZtunnelConnection,
  type ZtunnelDump,
  type ZtunnelPolicy,
  type ZtunnelService,
  type ZtunnelWorkload,
} from '../mesh/istio/ztunnel.ts';
import { type Part, part, timeText, validity } from './proxy-config.parts.ts';

const NONE = '-';
const orNone = (text: string): string => (text === '' ? NONE : text);

/** @throws MeshctlError E_DUMP */
function dumpOf(value: unknown): ZtunnelDump {
  const dump = readZtunnelDump(value);
  if (dump) return dump;
  throw new MeshctlError('E_DUMP', 'This is no dump of a ztunnel: it has neither workloads nor services.', {
    hint: 'A ztunnel writes one at /config_dump of its port 15000. For an Envoy ask for clusters, listeners, routes, endpoints or secrets.',
  });
}

const common = { path: '/config_dump' };

const workloads = part<ZtunnelWorkload>({
  ...common,
  rows: (value, { host, address }) =>
    dumpOf(value).workloads.filter((row) => row.name.includes(host ?? '') && row.addresses.join().includes(address ?? '')),
  head: ['NAMESPACE', 'NAME', 'ADDRESS', 'NODE', 'WAYPOINT', 'PROTOCOL'],
  wideHead: ['STATUS', 'SERVICE ACCOUNT'],
  cells: (row, wide) => [
    [
      ...[
        row.namespace,
        row.name,
        orNone(row.addresses.join(',')),
        orNone(row.node),
        orNone(row.waypoint.toLowerCase() === 'none' ? '' : row.waypoint),
        row.protocol,
      ],
      ...(wide ? [row.status, row.serviceAccount] : []),
    ],
  ],
});

const services = part<ZtunnelService>({
  ...common,
  rows: (value, { host }) => dumpOf(value).services.filter((row) => row.hostname.includes(host ?? '')),
  head: ['NAMESPACE', 'NAME', 'ADDRESS', 'WAYPOINT', 'ENDPOINTS'],
  wideHead: ['HOST'],
  cells: (row, wide) => [
    [
      row.namespace,
      row.name,
      orNone(row.addresses.join(',')),
      row.waypoint === 'none' ? NONE : row.waypoint,
      String(row.endpoints),
      ...(wide ? [row.hostname] : []),
    ],
  ],
});

const policies = part<ZtunnelPolicy>({
  ...common,
  rows: (value, { name }) => dumpOf(value).policies.filter((row) => name === undefined || row.name === name),
  head: ['NAMESPACE', 'NAME', 'ACTION', 'SCOPE', 'RULES'],
  cells: (row) => [[row.namespace, row.name, row.action, row.scope, String(row.rules)]],
});

const certificates = part<ZtunnelCertificate>({
  ...common,
  rows: (value, { name }) => dumpOf(value).certificates.filter((row) => name === undefined || row.identity === name),
  head: ['IDENTITY', 'TYPE', 'STATUS', 'VALID', 'SERIAL NUMBER', 'NOT AFTER', 'NOT BEFORE'],
  wideHead: ['REASON'],
  cells: (row, wide, now) => [
    [
      ...[
        row.identity,
        row.type ?? NONE,
        row.status,
        validity(row, now),
        row.serial ?? NONE,
        timeText(row.notAfter),
        timeText(row.notBefore),
      ],
      ...(wide ? [row.reason ?? NONE] : []),
    ],
  ],
});

const connections = part<ZtunnelConnection>({
  ...common,
  rows: (value, { direction, address }) =>
    dumpOf(value).connections.filter(
      (row) =>
        (direction === undefined || row.direction === direction) &&
        `${row.source} ${row.original} ${row.destination}`.includes(address ?? ''),
    ),
  head: ['NAMESPACE', 'WORKLOAD', 'DIRECTION', 'SOURCE', 'ASKED FOR', 'DESTINATION', 'PROTOCOL'],
  cells: (row) => [[row.namespace, row.name, row.direction, row.source, orNone(row.original), row.destination, row.protocol]],
});

export const ZTUNNEL_PARTS: Readonly<Record<string, Part>> = { workloads, services, policies, certificates, connections };
