/** Connection upgrades: the portforward subresource, by WebSocket only, and why there is no exec. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { itemsAt } from '../../model/body.ts';
import type { Backend } from '../api/backend.ts';
import { type ApiRequest, parseRequest } from '../api/request.ts';
import { ApiProblem, badRequest, noSuchPath, notFound } from '../api/status.ts';
import type { KubeObject } from '../store/object.ts';
import { forwardChannels } from './channel-forward.ts';
import { dialPod } from './dial.ts';
import { forwardSpdy } from './spdy-forward.ts';

const CHANNELS = 'v4.channel.k8s.io';
const TUNNEL = 'SPDY/3.1+portforward.k8s.io';
/** ws refuses names with a slash, as RFC 6455 does; kubectl's has one. */
const TUNNEL_ALIAS = 'spdy-tunnel';

const POD_TYPE = { group: '', plural: 'pods' };

function podOf(backend: Backend, request: ApiRequest): KubeObject {
  if (request.group !== '' || request.resource !== 'pods' || !UPGRADES.has(request.subresource)) throw noSuchPath();
  const pod = backend.store.get('core/Pod', request.namespace, request.name);
  if (!pod) throw notFound(POD_TYPE, request.name);
  if (request.subresource !== 'portforward') throw badRequest(noProcess(pod, request));
  return pod;
}

const UPGRADES = new Set(['attach', 'exec', 'portforward']);

/** Port forwards reach programs of the sandbox; there is nothing else in a pod that could be run or attached to. */
function noProcess(pod: KubeObject, { query, subresource }: ApiRequest): string {
  const container = query.get('container') ?? '';
  const names = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((field) =>
    itemsAt(pod, 'spec', field).map(({ item }) => item['name']),
  );
  if (container !== '' && !names.includes(container)) return `container ${container} is not valid for pod ${pod.metadata.name}`;
  return `unable to upgrade connection: the pods of the sandbox run no real processes, so that "${subresource}" has nothing to ${subresource === 'exec' ? 'run in' : 'attach to'}`;
}

/** @param refusedBy why a request must not go further, as for all requests */
export function servePortForwards(
  server: Server,
  backend: Backend,
  refusedBy: (request: ApiRequest, message: IncomingMessage) => ApiProblem | undefined,
): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 16 * 1024 * 1024,
    handleProtocols: (offered) => (offered.has(TUNNEL_ALIAS) ? TUNNEL : CHANNELS),
  });
  backend.closing.addEventListener('abort', () => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  });
  server.on('upgrade', (message, socket, head) => {
    const request = { ...parseRequest(message), verb: 'create' };
    try {
      const refusal = refusedBy(request, message);
      if (refusal) throw refusal;
      const pod = podOf(backend, request);
      const protocols = (message.headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
      if (message.headers.upgrade?.toLowerCase() !== 'websocket')
        throw badRequest('the sandbox forwards ports over WebSocket only; unable to upgrade to another protocol');
      if (!protocols.includes(TUNNEL) && !protocols.includes(CHANNELS))
        throw badRequest(`unable to upgrade: no subprotocol of ${protocols.join(', ')} is known; use ${CHANNELS}`);
      const ports = {
        pod: pod.metadata.uid ?? pod.metadata.name,
        dial: (port: number) => dialPod(backend, backend.store.get('core/Pod', request.namespace, request.name) ?? pod, port),
      };
      const wanted = request.query
        .getAll('ports')
        .flatMap((each) => each.split(','))
        .map(Number);
      message.headers['sec-websocket-protocol'] = protocols.includes(TUNNEL) ? TUNNEL_ALIAS : CHANNELS;
      sockets.handleUpgrade(message, socket, head, (opened) => {
        if (opened.protocol === TUNNEL) forwardSpdy(opened, ports);
        else forwardChannels(opened, ports, wanted);
      });
    } catch (error) {
      refuse(socket, error);
    }
  });
}

function refuse(socket: Duplex, error: unknown): void {
  const problem = error instanceof ApiProblem ? error : new ApiProblem('InternalError', 'Internal error occurred');
  const body = JSON.stringify(problem.toStatus());
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${problem.code} ${problem.reason}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
