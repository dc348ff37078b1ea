/**
 * ztunnel, the proxy of a node in ambient mode: its administration and its metrics.
 * @see https://github.com/istio/ztunnel/blob/master/src/admin.rs
 */
import { X509Certificate } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { itemsAt, stringAt } from '../../model/body.ts';
import { readLogFilter, writeLogFilter } from '../../text/log-filter.ts';
import type { Inside } from '../options.ts';
import { type Certificate, issueCertificate } from '../pki/certificate.ts';
import { httpServer } from '../programs/http-server.ts';
import type { KubeObject } from '../store/object.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { ambientOf, isZtunnel as isOfNode } from './ambient.ts';
import { isRunning } from './proxy.ts';
import type { MeshView } from './view.ts';
import { connectionsOf, type NodeConnections, trackConnections } from './ztunnel-connections.ts';
import { heldConfiguration } from './ztunnel-held.ts';
import { capturedOn } from './ztunnel-state.ts';

const ADMIN_PORT = 15_000;
const METRICS_PORT = 15_020;
const DAY_MS = 86_400_000;
/** DNS servers log much, and are silenced unless somebody asks for them. */
const SILENCED = 'hickory_server::server=off';

const isZtunnel = (pod: KubeObject): boolean => isOfNode(pod) && isRunning(pod);

/** @returns what dials the ports of the pods that are ztunnels */
export function ztunnels(
  inside: Inside,
  authority: Certificate,
  traffic: Traffic,
  view: () => MeshView,
): (pod: KubeObject, port: number) => Duplex | undefined {
  const open = trackConnections(inside, traffic);
  const filters = new Map<string, string>();
  const issued = new Map<string, object>();
  const connect = httpServer<{ readonly pod: KubeObject; readonly port: number }>((request, response, { pod, port }) => {
    const asked = { inside, view, authority, open, filters, issued, pod };
    (port === ADMIN_PORT ? administration(asked) : metrics(asked))(request, response);
  });
  return (pod, port) => (isZtunnel(pod) && (port === ADMIN_PORT || port === METRICS_PORT) ? connect({ pod, port }) : undefined);
}

interface Asked {
  readonly inside: Inside;
  readonly view: () => MeshView;
  readonly authority: Certificate;
  readonly open: NodeConnections;
  /** Of logs, by the pods that others than the first one were set for. */
  readonly filters: Map<string, string>;
  /** Certificates by identity. */
  readonly issued: Map<string, object>;
  readonly pod: KubeObject;
}

const nodeOf = (pod: KubeObject): string => stringAt(pod, 'spec', 'nodeName') ?? '';

function administration(asked: Asked): RequestListener {
  return (request, response) => {
    request.resume();
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://ztunnel');
    if (pathname === '/config_dump') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(dumpOf(asked), undefined, 2));
    } else if (pathname === '/logging' && request.method !== 'POST') {
      response.writeHead(405, { 'content-type': 'text/plain' }).end('Invalid HTTP method\n ');
    } else if (pathname === '/logging') {
      const [status, body] = levels(asked, searchParams);
      response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
    } else response.writeHead(404).end();
  };
}

function dumpOf(asked: Asked): object {
  const { inside, pod, open } = asked;
  const captured = capturedOn(nodeOf(pod), inside.store);
  return {
    certificates: [...new Set(captured.map(identityOf))].sort().map((identity) => certificateEntry(identity, asked)),
    config: { clusterId: 'Kubernetes', localNode: nodeOf(pod), network: '', proxyMode: 'Shared' },
    ...heldConfiguration(ambientOf(inside.store, asked.view())),
    version: { version: '1.30.0', gitRevision: '0000000', rustVersion: '1.90.0', buildProfile: 'release', buildStatus: 'Clean' },
    workloadState: Object.fromEntries(
      captured.map((each) => [
        each.metadata.uid ?? '',
        {
          connections: connectionsOf(each, open),
          info: { name: each.metadata.name, namespace: each.metadata.namespace ?? '', serviceAccount: accountOf(each) },
          state: 'Up',
        },
      ]),
    ),
  };
}

const accountOf = (pod: KubeObject): string => stringAt(pod, 'spec', 'serviceAccountName') ?? 'default';
const identityOf = (pod: KubeObject): string => `spiffe://cluster.local/ns/${pod.metadata.namespace ?? ''}/sa/${accountOf(pod)}`;

function certificateEntry(identity: string, { authority, issued, inside }: Asked): object {
  const known = issued.get(identity);
  if (known) return known;
  const now = inside.now();
  const { certificatePem } = issueCertificate({
    commonName: '',
    uris: [identity],
    issuer: authority,
    notBefore: now - 120_000,
    notAfter: now + DAY_MS,
  });
  const entry = { certChain: [described(certificatePem)], identity, rootCerts: [described(authority.certificatePem)], state: 'Available' };
  issued.set(identity, entry);
  return entry;
}

function described(pem: string): object {
  const { serialNumber, validFrom, validTo } = new X509Certificate(pem);
  const written = (date: string): string => `${new Date(date).toISOString().slice(0, 19)}Z`;
  return {
    expirationTime: written(validTo),
    pem: Buffer.from(pem).toString('base64'),
    serialNumber: BigInt(`0x${serialNumber}`).toString(),
    validFrom: written(validFrom),
  };
}

/** `info`, and `target=level`; a target alone is refused. */
const CLAUSE = /^(?:off|error|warn|info|debug|trace|[\w:]+=(?:off|error|warn|info|debug|trace))$/;
const USAGE =
  "\nusage: POST /logging\t\t\t\t\t\t(To list current level)\nusage: POST /logging?level=<level>\t\t\t\t(To change global levels)\nusage: POST /logging?level={mod1}:{level1},{mod2}:{level2}\t(To change specific mods' logging level)\n";

function levels({ filters, pod }: Asked, query: URLSearchParams): readonly [status: number, body: string] {
  const uid = pod.metadata.uid ?? '';
  const variables = itemsAt(pod, 'spec', 'containers').flatMap(({ item }) => itemsAt(item, 'env'));
  const initial = `${SILENCED},${stringAt(variables.find(({ item }) => item['name'] === 'RUST_LOG')?.item, 'value') ?? 'info'}`;
  const current = filters.get(uid) ?? initial;
  const level = query.get('level') ?? '';
  if (level !== '' && !level.split(',').every((each) => CLAUSE.test(each))) return [400, `Invalid level provided: ${level}\n${USAGE}`];
  const next = [query.has('reset') ? initial : current, ...(level === '' ? [] : [level])].join(',');
  // What is said later of a target goes before what was said of it; the level of everything else is written last.
  const { default: others, ...targets } = readLogFilter(next);
  const filter = [writeLogFilter(targets), ...(others === undefined ? [] : [others])].join(',');
  filters.set(uid, filter);
  return [200, `current log level is ${filter}\n`];
}

function metrics({ inside, pod, open }: Asked): RequestListener {
  return (request, response) => {
    request.resume();
    const { pathname } = new URL(request.url ?? '/', 'http://ztunnel');
    if (pathname !== '/metrics' && pathname !== '/stats/prometheus') {
      response.writeHead(404).end();
      return;
    }
    const captured = capturedOn(nodeOf(pod), inside.store);
    const opened = captured.map((each) => connectionsOf(each, open));
    const count = (direction: 'inbound' | 'outbound'): number => opened.reduce((sum, each) => sum + each[direction].length, 0);
    const text = [
      '# HELP istio_build Istio component build info.\n# TYPE istio_build gauge\nistio_build{component="ztunnel",tag="1.30.0"} 1\n',
      `# HELP workload_manager_active_proxy_count The total number current workloads with active proxies.\n# TYPE workload_manager_active_proxy_count gauge\nworkload_manager_active_proxy_count ${captured.length}\n`,
      `# HELP istio_tcp_connections_opened The total number of TCP connections opened.\n# TYPE istio_tcp_connections_opened counter\nistio_tcp_connections_opened_total{reporter="source"} ${count('outbound')}\nistio_tcp_connections_opened_total{reporter="destination"} ${count('inbound')}\n# EOF\n`,
    ];
    response.writeHead(200, { 'content-type': 'application/openmetrics-text;charset=utf-8;version=1.0.0' }).end(text.join(''));
  };
}
