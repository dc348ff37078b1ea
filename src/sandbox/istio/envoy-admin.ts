/** The administration port of Envoy. @see https://www.envoyproxy.io/docs/envoy/latest/operations/admin */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { objectAt } from '../../model/body.ts';
import { envoyVersion, nodeOf, staticListeners } from './bootstrap.ts';
import { certificateEntry, type Secret } from './certificates.ts';
import { configDump, type Dumped } from './config-dump.ts';
import { clustersJson, clustersText } from './envoy-clusters.ts';
import { setLevels } from './envoy-logging.ts';
import { adminHeaders, answerTap, tapFilters } from './envoy-tap.ts';
import type { Sidecar } from './sidecars.ts';
import { prometheusText, type Selection, type Shown, statsJson, statsText } from './stats-text.ts';

export interface Administered extends Dumped {
  readonly sidecar: Sidecar;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly body: string;
}

const COMMANDS: Readonly<Record<string, string>> = {
  '/': 'Admin home page',
  '/certs': 'print certs on machine',
  '/clusters': 'upstream cluster status',
  '/config_dump': 'dump current Envoy configs',
  '/help': 'print out list of admin commands',
  '/listeners': 'print listener info',
  '/logging': 'query/change logging levels',
  '/memory': 'print current allocation/heap usage',
  '/ready': 'print server state, return 200 if LIVE, otherwise return 503',
  '/reset_counters': 'reset all counters to zero',
  '/server_info': 'print server version/status information',
  '/stats': 'print server stats',
  '/stats/prometheus': 'print server stats in prometheus format',
};

/** Those that change something. */
const BY_POST: ReadonlySet<string> = new Set(['/logging', '/reset_counters', '/tap']);

export function answerAdmin(request: IncomingMessage, response: ServerResponse, asked: Administered): void {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://envoy');
  const known = commandsOf(asked);
  const isKnown = pathname in known;
  if (isKnown && BY_POST.has(pathname) && request.method !== 'POST') {
    send(response, { status: 405, body: `Method ${request.method} not allowed, POST required.` });
  } else if (pathname === '/tap' && hasTapFilter(asked)) {
    const { proxy, sidecar, pilot } = asked;
    void answerTap(request, response, { proxy, sidecar, view: pilot.view() }).catch(() => response.destroy());
  } else {
    request.resume();
    send(response, isKnown ? answerOf(pathname, query, asked) : { status: 404, body: `invalid path. ${helpOf(known)}` });
  }
}

function send(response: ServerResponse, { status = 200, type = TEXT, body }: Answer): void {
  response.writeHead(status, { ...adminHeaders, 'content-type': type }).end(body);
}

const TEXT = adminHeaders['content-type'];

/** The first filter of the kind brings the command. */
const hasTapFilter = ({ proxy, pilot }: Administered): boolean => tapFilters(proxy, pilot.view()).length > 0;

const commandsOf = (asked: Administered): Readonly<Record<string, string>> =>
  hasTapFilter(asked) ? { ...COMMANDS, '/tap': 'tap filter control' } : COMMANDS;

const helpOf = (known: Readonly<Record<string, string>>): string => {
  const lines = Object.entries(known).map(([path, text]) => `  ${path}${BY_POST.has(path) ? ' (POST)' : ''}: ${text}\n`);
  return `admin commands are:\n${lines.join('')}`;
};

const json = (value: unknown): Answer => ({ type: 'application/json', body: JSON.stringify(value, undefined, 1) });

function answerOf(path: string, query: URLSearchParams, asked: Administered): Answer {
  const { proxy, pilot, sidecar, secrets, now } = asked;
  const asJson = query.get('format') === 'json';
  switch (path) {
    case '/certs':
      return json({ certificates: certificatesOf(secrets, now) });
    case '/clusters': {
      const held = pilot.held(proxy);
      return asJson ? json(clustersJson(held, sidecar.stats)) : { body: clustersText(held, sidecar.stats) };
    }
    case '/config_dump': {
      const dump = configDump(asked, query);
      return 'status' in dump ? { status: dump.status, type: 'text/plain', body: dump.message } : json(dump);
    }
    case '/listeners':
      return asJson ? json({ listener_statuses: listenersOf(asked) }) : { body: listenersOf(asked).map(listenerLine).join('') };
    case '/logging':
      return setLevels(sidecar.levels, query);
    case '/memory':
      return json({
        allocated: '31457280',
        heap_size: '67108864',
        pageheap_unmapped: '0',
        pageheap_free: '4194304',
        total_thread_cache: '2097152',
        total_physical_bytes: '71303168',
      });
    case '/ready':
      return { body: 'LIVE\n' };
    case '/reset_counters':
      sidecar.stats.reset();
      return { body: 'OK\n' };
    case '/server_info':
      return json(serverInfo(asked));
    case '/stats':
    case '/stats/prometheus':
      return statsAnswer(path === '/stats/prometheus' ? 'prometheus' : (query.get('format') ?? 'text'), query, asked);
    default:
      return { body: helpOf(commandsOf(asked)) };
  }
}

function certificatesOf(secrets: readonly Secret[], now: number): readonly object[] {
  const authority = secrets.find(({ isAuthority }) => isAuthority);
  return secrets
    .filter(({ isAuthority }) => !isAuthority)
    .map((secret) => ({
      ca_cert: authority && secret.name === 'default' ? [certificateEntry(authority, now)] : [],
      cert_chain: [certificateEntry(secret, now)],
    }));
}

interface ListenerStatus {
  readonly name: string;
  readonly local_address: { readonly socket_address: { readonly address: string; readonly port_value: number } };
}

function listenersOf({ pilot, proxy }: Administered): readonly ListenerStatus[] {
  const status = (name: string, listener: object): ListenerStatus => ({
    name,
    local_address: objectAt(listener, 'address') as unknown as ListenerStatus['local_address'],
  });
  return [
    ...staticListeners().map((listener, index) => status(`static-${index}`, listener)),
    ...pilot.held(proxy).listeners.map((listener) => status(listener.name, listener)),
  ];
}

const listenerLine = ({ name, local_address: { socket_address: at } }: ListenerStatus): string =>
  `${name}::${at.address}:${at.port_value}\n`;

const startedAt = ({ proxy, now }: Administered): number => Date.parse(proxy.pod.metadata.creationTimestamp ?? '') || now;

function serverInfo(asked: Administered): object {
  const { proxy, now } = asked;
  const uptime = `${Math.max(0, Math.round((now - startedAt(asked)) / 1000))}s`;
  return {
    version: `0123456789abcdef0123456789abcdef01234567/${envoyVersion(proxy.version)}/Clean/RELEASE/BoringSSL`,
    state: 'LIVE',
    uptime_current_epoch: uptime,
    uptime_all_epochs: uptime,
    hot_restart_version: 'disabled',
    command_line_options: {
      ...{ base_id: '0', concurrency: 2, config_path: 'etc/istio/proxy/envoy-rev.json', log_level: 'warning', mode: 'Serve' },
      ...{ drain_time: '45s', parent_shutdown_time: '60s', disable_hot_restart: true, local_address_ip_version: 'v4' },
    },
    node: nodeOf(proxy),
  };
}

function statsAnswer(format: string, query: URLSearchParams, asked: Administered): Answer {
  const selection = selectionOf(query);
  if (!selection) return { status: 400, body: `Invalid re2 regex: invalid expression: ${query.get('filter')}` };
  const shown = shownBy(asked);
  switch (format) {
    case 'prometheus':
      return { body: prometheusText(shown, selection) };
    case 'json':
      return { type: 'application/json', body: JSON.stringify(statsJson(shown, selection)) };
    case 'text':
      return { body: statsText(shown, selection) };
    default:
      return { status: 400, body: 'usage: /stats?format=(html|active-html|json|prometheus|text)\n\n' };
  }
}

/** The filter is RE2 and may match anywhere; undefined for one that JavaScript cannot read. */
function selectionOf(query: URLSearchParams): Selection | undefined {
  try {
    const filter = new RegExp(query.get('filter') ?? '');
    return { matches: (name) => filter.test(name), usedOnly: query.has('usedonly') };
  } catch {
    return undefined;
  }
}

/** What the proxy counts, the gauges of its server included. */
export function shownBy(asked: Administered): Shown {
  const { pilot, proxy, sidecar, now } = asked;
  const { clusters, listeners, rejected } = pilot.held(proxy);
  const gauges = {
    'cluster_manager.active_clusters': clusters.length,
    'cluster_manager.warming_clusters': 0,
    'control_plane.connected_state': pilot.istiodOf(proxy) ? 1 : 0,
    'listener_manager.lds.update_rejected': rejected.length,
    'listener_manager.total_listeners_active': listeners.length,
    'listener_manager.total_listeners_warming': 0,
    'server.concurrency': 2,
    'server.live': 1,
    'server.state': 0,
    'server.uptime': Math.max(0, Math.round((now - startedAt(asked)) / 1000)),
  };
  return { stats: sidecar.stats, gauges };
}
