/** What a tapped proxy tells of an exchange: three events, as `TapEvent` messages. */

import { chosen, message } from '../programs/protobuf-writer.ts';
import type { Store } from '../store/store.ts';
import type { Exchange } from '../traffic/exchange.ts';
import { clusterAddress, tlsFrom, tlsTo } from './exchange-view.ts';
import { addressOf, describedBy } from './pods.ts';
import { address, duration, labelMap } from './written-values.ts';

export type Direction = 'inbound' | 'outbound';

type Labels = Readonly<Record<string, string>>;

/** Labels of the destination as its client's proxy knows them; the server's proxy does not know its own. */
export const destinationLabels = (exchange: Exchange, direction: Direction, store: Store): Labels =>
  direction === 'outbound' && exchange.destination
    ? { ...describedBy(exchange.destination, store), service: exchange.service, ...tapTls(tlsTo(exchange.destination)) }
    : {};

/** @returns request, response and end of the response, in this order */
export function tapEvents(exchange: Exchange, direction: Direction, wantsHeaders: boolean, store: Store): readonly Buffer[] {
  const { source, destination, targetPort, port } = exchange;
  const sourceLabels = {
    ...(source ? describedBy(source, store) : {}),
    ...(direction === 'inbound' ? tapTls(tlsFrom(source)) : { tls: 'loopback' }),
  };
  const known = destinationLabels(exchange, direction, store);
  const ends = {
    source: address(source ? addressOf(source) : '127.0.0.1', clientPort(exchange)),
    destination: destination ? address(addressOf(destination), targetPort) : address(clusterAddress(store, exchange), port),
    sourceLabels,
    destinationLabels: direction === 'inbound' && destination ? describedBy(destination, store) : known,
  };
  return httpEvents(exchange, direction, wantsHeaders).map((http) =>
    message(
      [1, ends.source],
      [2, ends.destination],
      [3, http],
      [4, labelMap(ends.destinationLabels)],
      [5, labelMap(ends.sourceLabels)],
      [6, direction === 'inbound' ? 1 : 2],
      [7, labelMap(direction === 'inbound' ? { route: 'default' } : {})],
    ),
  );
}

/** The reason stands where there is no TLS. */
const tapTls = ({ no_tls_reason: reason, tls = '', ...rest }: Labels): Labels => ({ tls: reason ?? tls, ...rest });

/** Connections are kept, so that the same two pods use the same port of the client. */
const clientPort = ({ source, destination }: Exchange): number => {
  const text = `${source?.metadata.uid ?? ''}${destination?.metadata.uid ?? ''}`;
  return 32_768 + ([...text].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 28_232, 7) % 28_232);
};

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT', 'HEAD', 'TRACE'];

function httpEvents(exchange: Exchange, direction: Direction, wantsHeaders: boolean): readonly Buffer[] {
  const { id, method, authority, path, headers, durationMs, status, grpcStatus, responseBytes, protocol } = exchange;
  const stream = message([1, direction === 'inbound' ? 1 : 2], [2, id]);
  const registered = METHODS.indexOf(method);
  const requestInit = message(
    [1, stream],
    [2, registered < 0 ? message([2, method]) : chosen(1, registered)],
    [3, chosen(1, 0)],
    [4, authority],
    [5, path],
    [6, wantsHeaders ? headerList({ ':method': method, ':authority': authority, ':path': path, ...headers }) : undefined],
  );
  const sinceRequest = duration(durationMs);
  const contentType = protocol === 'grpc' ? 'application/grpc' : 'text/plain';
  const responseInit = message(
    [1, stream],
    [2, sinceRequest],
    [3, status],
    [4, wantsHeaders ? headerList({ ':status': String(status), 'content-type': contentType }) : undefined],
  );
  const responseEnd = message(
    [1, stream],
    [2, duration(durationMs + 0.08)],
    [3, duration(0.08)],
    [4, responseBytes],
    [5, grpcStatus === undefined ? undefined : chosen(1, grpcStatus)],
    [6, wantsHeaders && grpcStatus !== undefined ? headerList({ 'grpc-status': String(grpcStatus) }) : undefined],
  );
  return [message([1, requestInit]), message([2, responseInit]), message([3, responseEnd])];
}

const headerList = (headers: Labels): Buffer =>
  Buffer.concat(Object.entries(headers).map(([name, value]) => message([1, message([1, name], [2, value])])));
