/** Istio's default access log. @see https://istio.io/latest/docs/tasks/observability/logs/access-log/ */
import { stringAt } from '../../model/body.ts';
import type { Exchange } from '../traffic/exchange.ts';
import { clusterName } from './clusters.ts';

const request = ['"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%"', '%RESPONSE_CODE%', '%RESPONSE_FLAGS%'];
const details = ['%RESPONSE_CODE_DETAILS%', '%CONNECTION_TERMINATION_DETAILS%', '"%UPSTREAM_TRANSPORT_FAILURE_REASON%"'];
const numbers = ['%BYTES_RECEIVED%', '%BYTES_SENT%', '%DURATION%', '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%'];
const headers = ['X-FORWARDED-FOR', 'USER-AGENT', 'X-REQUEST-ID', ':AUTHORITY'].map((name) => `"%REQ(${name})%"`);
const addresses = ['"%UPSTREAM_HOST%"', '%UPSTREAM_CLUSTER_RAW%', '%UPSTREAM_LOCAL_ADDRESS%', '%DOWNSTREAM_LOCAL_ADDRESS%'];
const rest = ['%DOWNSTREAM_REMOTE_ADDRESS%', '%REQUESTED_SERVER_NAME%', '%ROUTE_NAME%'];

export const ACCESS_LOG_FORMAT = `${['[%START_TIME%]', ...request, ...details, ...numbers, ...headers, ...addresses, ...rest].join(' ')}\n`;

export type Side = 'source' | 'destination';

/** What a proxy sent a request to: the cluster by its name. */
export const clusterOf = ({ upstream, service, namespace, port, targetPort }: Exchange, side: Side): string =>
  side === 'source'
    ? (upstream ?? clusterName('outbound', port, '', `${service}.${namespace}.svc.cluster.local`))
    : clusterName('inbound', targetPort);

/** Why the answer is what it is, by what Envoy calls it. */
const REASONS: Readonly<Record<string, string>> = {
  UH: 'no_healthy_upstream',
  NR: 'route_not_found',
  NC: 'cluster_not_found',
  UC: 'upstream_reset_before_response_started{connection_termination}',
  'UF,URX': 'upstream_reset_before_response_started{remote_connection_failure|TLS_error:_WRONG_VERSION_NUMBER}',
};

/** Whether the proxy of this side made the answer itself, and so reached nobody. */
const isLocalReply = ({ flags, arrived, isDenied }: Exchange, side: Side): boolean =>
  side === 'destination' ? isDenied : flags !== '-' && !arrived;

function reasonOf(exchange: Exchange, side: Side): string {
  if (side === 'destination' && exchange.isDenied) return 'rbac_access_denied_matched_policy[none]';
  return REASONS[exchange.flags] ?? 'via_upstream';
}

export const addressOf = (pod: Exchange['source'], fallback = '10.244.0.1'): string => stringAt(pod, 'status', 'podIP') ?? fallback;

export const clientPort = ({ id }: Exchange): number => 40_000 + (id % 20_000);

export function accessLogLine(exchange: Exchange, side: Side): string {
  const { method, path, protocol, status, flags, requestBytes, responseBytes, durationMs, authority, targetPort } = exchange;
  const { service, namespace, port, destination, source, id, startedAt } = exchange;
  const isLocal = isLocalReply(exchange, side);
  const [to, from] = [`${addressOf(destination, '-')}:${targetPort}`, `${addressOf(source)}:${clientPort(exchange)}`];
  const isInbound = side === 'destination';
  const host = isLocal && flags !== 'UC' && flags !== 'UF,URX' ? '"-"' : `"${to}"`;
  const name = isInbound && source ? `outbound_.${port}_._.${service}.${namespace}.svc.cluster.local` : '-';
  const fields = [
    `[${new Date(startedAt).toISOString()}]`,
    `"${method} ${path} HTTP/${protocol === 'http1' ? '1.1' : '2'}"`,
    ...[status, flags, reasonOf(exchange, side), '-', '"-"'],
    ...[requestBytes, responseBytes, durationMs, isLocal ? '-' : Math.max(durationMs - 1, 0)],
    ...['"-"', `"${exchange.headers['user-agent'] ?? 'curl/8.5.0'}"`, `"${requestId(id)}"`, `"${authority}"`],
    ...[host, clusterOf(exchange, side), host === '"-"' ? '-' : isInbound ? `127.0.0.6:${clientPort(exchange)}` : from],
    ...[isInbound ? to : `${addressOf(destination, '10.96.0.1')}:${port}`, from, name, 'default'],
  ];
  return `${fields.join(' ')}\n`;
}

/** Looks like the random identifier that Envoy makes, and is the same for both proxies of an exchange. */
export function requestId(id: number): string {
  return `5a8f2c1e-7b3d-4e6f-9a0b-${id.toString(16).padStart(12, '0')}`;
}
