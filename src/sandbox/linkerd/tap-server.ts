/** The tap API: an aggregated API of the API server, by which the requests of live proxies are watched. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiProblem } from '../api/status.ts';
import type { Inside, Programs } from '../options.ts';
import { httpsServer } from '../programs/https-server.ts';
import { message } from '../programs/protobuf-writer.ts';
import type { Exchange } from '../traffic/exchange.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { isOpaque } from './exchange-view.ts';
import { programOf } from './pods.ts';
import { type Direction, tapEvents } from './tap-events.ts';
import { readTapRequest, type TapRequest } from './tap-request.ts';
import { isWanted, keyOf, resourcePath, TapProblem, tappedPods, tapResources } from './tap-targets.ts';
import type { MeshTrust } from './trust.ts';

const PORT = 8089;
const GROUP = '/apis/tap.linkerd.io';
const VERSION = `${GROUP}/v1alpha1`;
/** Events that wait for a slow client; later ones are lost, as they are when a proxy's tap is full. */
const MOST_WAITING_BYTES = 1024 * 1024;

export function tapApi({ serving }: MeshTrust, traffic: Traffic, inside: Inside): Programs {
  const open = httpsServer(serving.tap, (request, response) => void serve(request, response).catch(() => response.destroy()));
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'https://tap');
    const found = DOCUMENTS[pathname];
    if (request.method === 'GET' && found !== undefined) sendJson(response, 200, found);
    else if (request.method === 'GET' && pathname.startsWith('/healthz'))
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('ok');
    else if (request.method === 'POST' && pathname.startsWith(`${VERSION}/watch/`)) await tap(request, response, pathname, traffic, inside);
    else sendJson(response, 404, { paths: Object.keys(DOCUMENTS) });
  };
  return { dial: (pod, port) => (port === PORT && programOf(pod) === 'tap' ? open() : undefined) };
}

async function tap(request: IncomingMessage, response: ServerResponse, path: string, traffic: Traffic, inside: Inside): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  if ((request.headers['x-remote-user'] ?? '') === '') {
    const error =
      'tap authorization failed (not authorized to access taps.tap.linkerd.io), visit https://linkerd.io/tap-rbac for more information';
    sendJson(response, 403, { error });
    return;
  }
  try {
    const asked = readTapRequest(Buffer.concat(chunks));
    const expected = `${VERSION}/watch/${resourcePath(asked.target)}`;
    if (expected !== path) throw new TapProblem(`tap request body did not match APIServer URL: "${expected}" != "${path}"`);
    stream(asked, response, traffic, inside);
  } catch (error) {
    if (!(error instanceof TapProblem || error instanceof RangeError || error instanceof ApiProblem)) throw error;
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'linkerd-error': 'Internal Server Error' });
    response.end(framed(message([1, error.message])));
  }
}

/** Events until the client goes. Pods that come later are not tapped, as with the real one. */
function stream(asked: TapRequest, response: ServerResponse, traffic: Traffic, { store, now, closing }: Inside): void {
  const pods = tappedPods(asked, store);
  const limit = Math.max(1, asked.maxRps / pods.size);
  const windows = new Map<string, { readonly since: number; count: number }>();
  const isWithinLimit = (pod: string): boolean => {
    const window = windows.get(pod);
    const current = window && now() - window.since < 1000 ? window : { since: now(), count: 0 };
    windows.set(pod, current);
    return ++current.count <= limit;
  };
  const tell = (exchange: Exchange, direction: Direction): void => {
    const pod = direction === 'inbound' ? exchange.destination : exchange.source;
    if (!pod || !pods.has(keyOf(pod)) || !isWanted(exchange, direction, asked.matches, store)) return;
    if (!isWithinLimit(keyOf(pod)) || response.writableLength > MOST_WAITING_BYTES) return;
    for (const event of tapEvents(exchange, direction, asked.wantsHeaders, store)) response.write(framed(event));
  };
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  response.flushHeaders();
  const unsubscribe = traffic.subscribe((exchange) => {
    const service = store.get('core/Service', exchange.namespace, exchange.service);
    if (!isOpaque(service, exchange.port)) tell(exchange, 'outbound');
    if (exchange.destination && !isOpaque(exchange.destination, exchange.targetPort)) tell(exchange, 'inbound');
  });
  const end = (): void => {
    unsubscribe();
    response.end();
  };
  response.on('close', end);
  closing.addEventListener('abort', end, { once: true });
}

/** Each message is led by its length: four bytes, little-endian. */
function framed(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const sendJson = (response: ServerResponse, code: number, body: object): unknown =>
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const GROUP_VERSION = { groupVersion: 'tap.linkerd.io/v1alpha1', version: 'v1alpha1' };
const API_GROUP = { name: 'tap.linkerd.io', versions: [GROUP_VERSION], preferredVersion: GROUP_VERSION };

/** What the API server and kubectl ask for before anything else. */
const DOCUMENTS: Readonly<Record<string, object>> = {
  '/apis': { kind: 'APIGroupList', groups: [API_GROUP] },
  [GROUP]: { kind: 'APIGroup', apiVersion: 'v1', ...API_GROUP },
  [VERSION]: {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: GROUP_VERSION.groupVersion,
    resources: tapResources.flatMap(({ name, namespaced }) =>
      [name, `${name}/tap`].map((each) => ({ name: each, singularName: '', namespaced, kind: 'Tap', verbs: ['watch'] })),
    ),
  },
};
