/** `/tap` of Envoy: what passes a proxy that has the tap filter, until the client goes. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { at, isBody, itemsAt, objectAt, stringAt } from '../../model/body.ts';
import { parseYaml } from '../../text/yaml.ts';
import type { Exchange } from '../traffic/exchange.ts';
import { addressOf, clientPort, requestId, type Side } from './access-log.ts';
import { insertedFilters } from './listeners.ts';
import type { MeshProxy } from './proxy.ts';
import { headerFits } from './routing.ts';
import type { Sidecar } from './sidecars.ts';
import type { MeshView } from './view.ts';

const MOST_BYTES = 64 * 1024;

export interface Tapped {
  readonly proxy: MeshProxy;
  readonly sidecar: Sidecar;
  readonly view: MeshView;
}

/** Of every answer of the administration. */
export const adminHeaders = {
  'content-type': 'text/plain; charset=UTF-8',
  'cache-control': 'no-cache, max-age=0',
  'x-content-type-options': 'nosniff',
  server: 'envoy',
} as const;

export async function answerTap(request: IncomingMessage, response: ServerResponse, tapped: Tapped): Promise<void> {
  const refuse = (message: string): unknown => response.writeHead(400, adminHeaders).end(message);
  const text = await textIn(request);
  if (text === '') return void refuse('/tap requires a JSON/YAML body');
  const config = configIn(text);
  if (!config) return void refuse('invalid JSON or YAML');
  const id = stringAt(config, 'config_id') ?? '';
  // Requests that the proxy sends, those that it takes, or both.
  const filters = new Map(tapFilters(tapped.proxy, tapped.view).flatMap((each) => (each.id === id ? [[each.side, each]] : [])));
  if (filters.size === 0) return void refuse(`Unknown config id '${id}'. No extension has registered with this id.`);
  const { sidecar } = tapped;
  if (sidecar.isTapped) return void refuse('An attached /tap admin stream already exists. Detach it.');
  const [sink] = itemsAt(config, 'tap_config', 'output_config', 'sinks');
  if (!sink || !isBody(sink.item['streaming_admin']))
    return void refuse('the sandbox streams taps only: the sink has to be "streaming_admin"');
  const match = objectAt(config, 'tap_config', 'match');
  const wanted = Object.keys(match).length > 0 ? match : objectAt(config, 'tap_config', 'match_config');
  sidecar.isTapped = true;
  response.writeHead(200, adminHeaders);
  response.flushHeaders();
  const observer = (exchange: Exchange, side: Side): void => {
    const filter = filters.get(side);
    if (filter && matches(wanted, exchange)) response.write(`${JSON.stringify(traceOf(exchange, filter), undefined, 1)}\n`);
  };
  sidecar.observers.add(observer);
  response.on('close', () => {
    sidecar.observers.delete(observer);
    sidecar.isTapped = false;
  });
}

/** What is longer than any question is not read to its end. */
async function textIn(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MOST_BYTES) return text;
  }
  return text;
}

function configIn(text: string): object | undefined {
  try {
    const value = text.length > MOST_BYTES ? undefined : parseYaml(text);
    return isBody(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

interface TapFilter {
  readonly side: Side;
  readonly id: string | undefined;
  /** What it records besides headers and bodies. */
  readonly hasTimes: boolean;
  readonly hasConnection: boolean;
}

export function tapFilters(proxy: MeshProxy, view: MeshView): readonly TapFilter[] {
  return (['outbound', 'inbound'] as const).flatMap((direction) =>
    insertedFilters(proxy, view, direction)
      .map((filter) => objectAt(filter, 'typed_config'))
      .filter((config) => /\.tap\.v3\.Tap$/.test(stringAt(config, '@type') ?? ''))
      .map((config) => ({
        side: direction === 'outbound' ? 'source' : 'destination',
        id: stringAt(config, 'common_config', 'admin_config', 'config_id'),
        hasTimes: at(config, ['record_headers_received_time']) === true,
        hasConnection: at(config, ['record_downstream_connection']) === true,
      })),
  );
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/common/matcher/v3/matcher.proto */
function matches(predicate: object, exchange: Exchange): boolean {
  const rules = (name: string): readonly object[] => itemsAt(predicate, name, 'rules').map(({ item }) => item);
  if ('and_match' in predicate) return rules('and_match').every((rule) => matches(rule, exchange));
  if ('or_match' in predicate) return rules('or_match').some((rule) => matches(rule, exchange));
  if ('not_match' in predicate) return !matches(objectAt(predicate, 'not_match'), exchange);
  const agree = (part: string, headers: Readonly<Record<string, string>>): boolean =>
    itemsAt(predicate, part, 'headers').every(({ item }) => headerFits(item, headers));
  if ('http_request_headers_match' in predicate) return agree('http_request_headers_match', requestHeaders(exchange));
  if ('http_response_headers_match' in predicate) return agree('http_response_headers_match', responseHeaders(exchange));
  if ('http_response_trailers_match' in predicate) return agree('http_response_trailers_match', responseTrailers(exchange));
  return (predicate as { readonly any_match?: unknown }).any_match === true;
}

const requestHeaders = ({ authority, path, method, scheme, headers, id, protocol }: Exchange): Readonly<Record<string, string>> => ({
  ...{ ':authority': authority, ':path': path, ':method': method, ':scheme': scheme },
  ...(protocol === 'grpc' ? { 'content-type': 'application/grpc', te: 'trailers' } : {}),
  ...headers,
  ...{ 'x-forwarded-proto': scheme, 'x-request-id': requestId(id) },
});

const responseHeaders = ({ status, protocol, responseBytes, durationMs, flags }: Exchange): Readonly<Record<string, string>> => ({
  ':status': String(status),
  'content-type': protocol === 'grpc' ? 'application/grpc' : 'text/plain',
  ...(protocol === 'grpc' ? {} : { 'content-length': String(responseBytes) }),
  ...(flags === '-' ? { 'x-envoy-upstream-service-time': String(Math.max(durationMs - 1, 0)) } : {}),
  server: 'istio-envoy',
});

const responseTrailers = ({ grpcStatus }: Exchange): Readonly<Record<string, string>> =>
  grpcStatus === undefined ? {} : { 'grpc-status': String(grpcStatus) };

/** Envoy leaves no field out here, though the rest of its JSON does. */
const list = (headers: Readonly<Record<string, string>>): readonly object[] =>
  Object.entries(headers).map(([key, value]) => ({ key, value, raw_value: '' }));

const socket = (address: string, port_value: number): object => ({
  socket_address: { protocol: 'TCP', address, port_value, resolver_name: '', ipv4_compat: false, network_namespace_filepath: '' },
});

/** Bodies are no part of it: the sandbox sends none. */
function traceOf(exchange: Exchange, { side, hasTimes, hasConnection }: TapFilter): object {
  const { source, destination, targetPort, startedAt, durationMs, service, port } = exchange;
  const time = (after: number): object => (hasTimes ? { headers_received_time: new Date(startedAt + after).toISOString() } : {});
  const local = side === 'destination' ? { ip: addressOf(destination), port: targetPort } : { ip: service, port };
  const downstream_connection = {
    local_address: socket(local.ip, local.port),
    remote_address: socket(addressOf(source), clientPort(exchange)),
  };
  return {
    http_buffered_trace: {
      request: { headers: list(requestHeaders(exchange)), trailers: [], ...time(0) },
      response: {
        headers: list(responseHeaders(exchange)),
        trailers: list(responseTrailers(exchange)),
        ...time(durationMs),
      },
      ...(hasConnection ? { downstream_connection } : {}),
    },
  };
}
