/** Requests for groups that a service in the cluster serves, passed on as kube-aggregator passes them. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { ADMIN } from '../api/access.ts';
import type { Backend } from '../api/backend.ts';
import { DialProblem } from '../pods/dial.ts';
import { requestService } from '../pods/service-request.ts';
import { isAvailable, type RemoteVersion, serviceOf, trustOf } from './api-services.ts';

/** Headers that belong to one connection, and what says who asks: that is told by X-Remote headers instead. */
const OWN = new Set([
  'authorization',
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export async function proxyRequest(
  backend: Backend,
  { apiService }: RemoteVersion,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const service = serviceOf(apiService);
  if (!service || !isAvailable(apiService)) return refuse(response, 'service unavailable');
  const leaving = new AbortController();
  response.on('close', () => leaving.abort());
  const headers: OutgoingHttpHeaders = {
    ...passedOn(message.headers),
    ...(message.headers['content-length'] === undefined ? {} : { 'content-length': message.headers['content-length'] }),
    'x-remote-user': ADMIN.username,
    'x-remote-group': [...ADMIN.groups],
    'x-forwarded-uri': message.url ?? '/',
  };
  try {
    const { sent, answer } = requestService(backend, service, trustOf(apiService), {
      method: message.method ?? 'GET',
      path: message.url ?? '/',
      headers,
      signal: AbortSignal.any([leaving.signal, backend.closing]),
    });
    message.pipe(sent);
    const reply = await answer;
    response.writeHead(reply.statusCode ?? 502, passedOn(reply.headers));
    // A client that streams, as tap does, waits for the headers before the first event.
    response.flushHeaders();
    reply.on('error', () => response.destroy());
    reply.pipe(response);
  } catch (error) {
    if (!(error instanceof DialProblem)) throw error;
    refuse(response, `error trying to reach service: ${error.message}`);
  }
}

function passedOn(headers: IncomingMessage['headers']): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN.has(name) && !name.startsWith('x-remote-')));
}

function refuse(response: ServerResponse, text: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
  response.end(`${text}\n`);
}
