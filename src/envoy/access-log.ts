/**
 * Lines of access logs → what they tell of a request: Envoy's own default format, Istio's, and JSON with the names that
 * Istio, Consul and OSM give the fields.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
 */
import { isBody } from '../model/body.ts';

export interface LoggedRequest {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly method: string;
  readonly path: string;
  readonly protocol: string | undefined;
  /** Undefined when there was no answer. */
  readonly status: number | undefined;
  readonly grpcStatus: number | undefined;
  readonly flags: string | undefined;
  readonly bytesReceived: number | undefined;
  readonly bytesSent: number | undefined;
  readonly durationMs: number | undefined;
  readonly authority: string;
  readonly requestId: string | undefined;
  /** `10.0.0.7:9080`. */
  readonly upstreamHost: string | undefined;
  /** `inbound|9080||`, `outbound|9080|v1|reviews.shop.svc.cluster.local`. */
  readonly upstreamCluster: string | undefined;
  readonly downstreamLocal: string | undefined;
  readonly downstreamRemote: string | undefined;
  readonly serverName: string | undefined;
  readonly routeName: string | undefined;
}

/** The formats, by the fields behind the response flags. */
const ENVOY = [
  'bytes_received',
  'bytes_sent',
  'duration',
  'upstream_service_time',
  'x_forwarded_for',
  'user_agent',
  'request_id',
  'authority',
  'upstream_host',
];
const ISTIO = [
  ...['response_code_details', 'connection_termination_details', 'upstream_transport_failure_reason'],
  ...ENVOY,
  ...[
    'upstream_cluster',
    'upstream_local_address',
    'downstream_local_address',
    'downstream_remote_address',
    'requested_server_name',
    'route_name',
  ],
];

/** @returns undefined for a line that logs no HTTP request, such as what the proxy says of itself */
export function loggedRequest(line: string): LoggedRequest | undefined {
  const text = line.trimStart();
  const fields = text.startsWith('{') ? jsonFields(text) : text.startsWith('[') ? textFields(text) : undefined;
  const time = Date.parse(fields?.['start_time'] ?? '');
  if (!fields || Number.isNaN(time) || !fields['method'] || fields['method'] === '-') return undefined;
  const of = (name: string): string | undefined => {
    const value = fields[name];
    return value === undefined || value === '-' || value === '' ? undefined : value;
  };
  const status = numberIn(of('response_code'));
  return {
    time,
    method: fields['method'],
    path: fields['path'] ?? '-',
    protocol: of('protocol'),
    status: status === 0 ? undefined : status,
    grpcStatus: grpcCode(of('grpc_status') ?? of('grpc_status_number')),
    flags: of('response_flags'),
    bytesReceived: numberIn(of('bytes_received')),
    bytesSent: numberIn(of('bytes_sent')),
    durationMs: numberIn(of('duration')),
    authority: of('authority') ?? '',
    requestId: of('request_id'),
    upstreamHost: of('upstream_host'),
    upstreamCluster: of('upstream_cluster'),
    downstreamLocal: of('downstream_local_address'),
    downstreamRemote: of('downstream_remote_address'),
    serverName: of('requested_server_name'),
    routeName: of('route_name'),
  };
}

type Fields = Readonly<Record<string, string>>;

function jsonFields(text: string): Fields | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isBody(value)) return undefined;
  const fields: Record<string, string> = {};
  for (const [name, each] of Object.entries(value)) {
    if (typeof each === 'string' || typeof each === 'number')
      fields[ALIASES[name.toLowerCase()] ?? name.toLowerCase().replaceAll('-', '_')] = String(each);
  }
  return fields;
}

/** Names in logs that are set up by hand. */
const ALIASES: Readonly<Record<string, string>> = {
  ':authority': 'authority',
  ':method': 'method',
  ':path': 'path',
  timestamp: 'start_time',
  host: 'authority',
  status: 'response_code',
  response_status: 'response_code',
  duration_ms: 'duration',
  'x-request-id': 'request_id',
  x_request_id: 'request_id',
  upstream_cluster_raw: 'upstream_cluster',
  origin_path: 'path',
};

/** Longer lines are no access log. */
const MOST_CHARACTERS = 32_768;

function textFields(text: string): Fields | undefined {
  if (text.length > MOST_CHARACTERS || !/^\[\d{4}-\d\d-\d\dT/.test(text)) return undefined;
  const tokens = tokensOf(text);
  const [start_time = '', request = '', response_code = '', response_flags = '', ...rest] = tokens;
  const names = rest.length >= ISTIO.length ? ISTIO : rest.length >= ENVOY.length ? ENVOY : undefined;
  if (!names || !/^\d+$/.test(response_code)) return undefined;
  // A path may hold blanks where a client broke the protocol.
  const [, method = '', path = '', protocol = ''] = /^(\S+) (.*) (\S+)$/.exec(request) ?? [];
  return {
    start_time,
    method,
    path,
    protocol,
    response_code,
    response_flags,
    ...Object.fromEntries(names.map((name, index) => [name, rest[index] ?? ''])),
  };
}

/** Words, texts in quotes, and the time in brackets. */
function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  for (let at = 0; at < text.length; ) {
    const char = text[at];
    if (char === ' ' || char === '\n' || char === '\r' || char === '\t') {
      at++;
      continue;
    }
    const closing = char === '"' ? '"' : char === '[' && at === 0 ? ']' : ' ';
    let end = text.indexOf(closing, at + 1);
    while (closing === '"' && end > 0 && text[end - 1] === '\\') end = text.indexOf(closing, end + 1);
    if (end < 0) end = text.length;
    tokens.push(closing === ' ' ? text.slice(at, end).trimEnd() : text.slice(at + 1, end));
    at = end + 1;
  }
  return tokens;
}

const numberIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;

const GRPC = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALIDARGUMENT', 'DEADLINEEXCEEDED', 'NOTFOUND', 'ALREADYEXISTS', 'PERMISSIONDENIED'],
  ...[
    'RESOURCEEXHAUSTED',
    'FAILEDPRECONDITION',
    'ABORTED',
    'OUTOFRANGE',
    'UNIMPLEMENTED',
    'INTERNAL',
    'UNAVAILABLE',
    'DATALOSS',
    'UNAUTHENTICATED',
  ],
];

/** A number, or its name as Envoy writes it. */
function grpcCode(text: string | undefined): number | undefined {
  const index = GRPC.indexOf((text ?? '').toUpperCase().replaceAll('_', '').replace('CANCELED', 'CANCELLED'));
  return index >= 0 ? index : numberIn(text);
}
