/** A trace of Envoy's tap filter → what it tells of a request. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/data/tap/v3/http.proto */
import { at, has, itemsAt, numberAt, objectAt, stringAt } from '../model/body.ts';
import type { TapPeer, TapRequest, TapResponse } from '../model/tap.ts';

export interface TapTrace {
  /** Milliseconds since the epoch; undefined where the filter is not told to record it. */
  readonly time: number | undefined;
  readonly request: TapRequest;
  readonly response: TapResponse | undefined;
  /** Both ends of the connection that the request came on. */
  readonly local: Pick<TapPeer, 'address' | 'port'>;
  readonly remote: Pick<TapPeer, 'address' | 'port'>;
  readonly upstream: Pick<TapPeer, 'address' | 'port'>;
  /** Of the client, as its certificate proved it to this proxy or to the one before. */
  readonly identity: string | undefined;
  readonly id: string | undefined;
}

/** @returns undefined for what is no trace of a whole HTTP request */
export function tapTrace(value: unknown): TapTrace | undefined {
  const trace = objectAt(value, 'http_buffered_trace');
  if (!has(trace, 'request')) return undefined;
  const headers = headersOf(trace['request']);
  const [begun, answered] = ['request', 'response'].map((part) => timeAt(trace[part]));
  return {
    time: begun,
    request: {
      method: headers[':method'] ?? '-',
      scheme: headers[':scheme'],
      authority: headers[':authority'] ?? headers['host'] ?? '',
      path: headers[':path'] ?? '-',
      bytes: length(headers),
      headers,
    },
    response: has(trace, 'response') ? responseOf(trace['response'], begun, answered) : undefined,
    local: peerAt(trace, 'downstream_connection', 'local_address'),
    remote: peerAt(trace, 'downstream_connection', 'remote_address'),
    upstream: peerAt(trace, 'upstream_connection', 'remote_address'),
    identity: clientIdentity(headers['x-forwarded-client-cert']),
    id: headers['x-request-id'],
  };
}

function responseOf(response: unknown, begun: number | undefined, answered: number | undefined): TapResponse {
  const headers = headersOf(response);
  const trailers = headersOf(response, 'trailers');
  const grpc = trailers['grpc-status'] ?? headers['grpc-status'];
  const upstream = Number(headers['x-envoy-upstream-service-time']);
  const measured = begun !== undefined && answered !== undefined ? Math.max(0, answered - begun) : undefined;
  return {
    status: numberIn(headers[':status']),
    grpcStatus: numberIn(grpc),
    durationMs: measured ?? (Number.isNaN(upstream) ? undefined : upstream),
    bytes: length(headers),
    headers,
  };
}

/** Names in lower case; of several values of a name all, as HTTP joins them. */
function headersOf(part: unknown, field = 'headers'): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { item } of itemsAt(part, field)) {
    const name = (stringAt(item, 'key') ?? '').toLowerCase();
    const raw = stringAt(item, 'raw_value');
    const value = stringAt(item, 'value') ?? (raw === undefined ? '' : Buffer.from(raw, 'base64').toString());
    found[name] = found[name] === undefined ? value : `${found[name]}, ${value}`;
  }
  return found;
}

const timeAt = (part: unknown): number | undefined => {
  const time = Date.parse(stringAt(part, 'headers_received_time') ?? '');
  return Number.isNaN(time) ? undefined : time;
};

const numberIn = (text: string | undefined): number | undefined => (text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined);

const length = (headers: Readonly<Record<string, string>>): number | undefined => numberIn(headers['content-length']);

function peerAt(trace: unknown, connection: string, end: string): Pick<TapPeer, 'address' | 'port'> {
  const socket = at(trace, [connection, end, 'socket_address']);
  return { address: stringAt(socket, 'address'), port: numberAt(socket, 'port_value') };
}

/** The last element is who stands at the other end of this connection. */
function clientIdentity(forwarded: string | undefined): string | undefined {
  const last = (forwarded ?? '').split(',').at(-1) ?? '';
  return /(?:^|;)URI=([^;,]+)/i.exec(last)?.[1];
}
