/** The application as clients of a forwarded port reach it: over HTTP, in the process. */
import type { Duplex } from 'node:stream';
import { httpServer } from '../programs/http-server.ts';
import type { KubeObject } from '../store/object.ts';
import type { Traffic } from './traffic.ts';

interface Place {
  readonly pod: KubeObject;
  readonly port: number;
}

/** @returns what opens a connection to a port of a pod: its requests travel on through the graph, and are published */
export function serveApplication(traffic: Traffic): (pod: KubeObject, port: number) => Duplex {
  const open = httpServer<Place>((request, response, { pod, port }) => {
    request.resume();
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const call = { method: request.method ?? 'GET', path: request.url ?? '/', headers, authority: request.headers.host ?? '' };
      const answer = traffic.ask(pod, port, call);
      const trailer = answer.grpcStatus === undefined ? {} : { 'grpc-status': String(answer.grpcStatus) };
      response.writeHead(answer.status, { 'content-type': answer.contentType, ...trailer });
      response.end(request.method === 'HEAD' ? undefined : answer.body);
    });
  });
  return (pod, port) => open({ pod, port });
}
