/** An API server that forwards one port of one pod to a port of the machine. */
import { connect as connectSocket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Cluster } from '../../src/model/cluster.ts';
import { clusterAt, serve, type TestServer, TOKEN, withDiscovery } from './api.ts';

export const POD = { kind: 'core/Pod', namespace: 'shop', name: 'reviews' } as const;
export const ADMIN = 15000;

export interface Forwards {
  opened: number;
  readonly sockets: Set<WebSocket>;
}

/** An API server that forwards as the kubelet does; port undefined: nothing listens there. */
export async function forwarding(
  port: number | undefined,
  timeout = '2s',
): Promise<{ readonly cluster: Cluster; readonly forwards: Forwards; readonly server: TestServer }> {
  const server = await serve(withDiscovery(() => ({ status: 404, json: {} })));
  const forwards: Forwards = { opened: 0, sockets: new Set() };
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('v4.channel.k8s.io') ? 'v4.channel.k8s.io' : false),
  });
  server.server.on('upgrade', (request, socket, head) => {
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return void socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
    if (!request.url?.startsWith('/api/v1/namespaces/shop/pods/reviews/portforward?ports=15000')) {
      const body = JSON.stringify({ kind: 'Status', message: 'pods "x" not found' });
      return void socket.end(`HTTP/1.1 404 Not Found\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    }
    sockets.handleUpgrade(request, socket, head, (web) => {
      forwards.opened++;
      forwards.sockets.add(web);
      const number = Buffer.from([ADMIN & 255, ADMIN >> 8]);
      web.send(Buffer.concat([Buffer.from([0]), number]));
      web.send(Buffer.concat([Buffer.from([1]), number]));
      const target = connectSocket(port ?? 1, '127.0.0.1');
      target.on('data', (data) => {
        web.send(Buffer.concat([Buffer.from([0]), data]), () => target.resume());
        if (web.bufferedAmount > 1_000_000) target.pause();
      });
      target.on('error', () => {
        web.send(Buffer.concat([Buffer.from([1]), Buffer.from(`error forwarding port ${ADMIN} to pod: connection refused`)]));
        web.close();
      });
      target.on('close', () => web.close());
      web.on('message', (data: Buffer) => target.write(data.subarray(1)));
      web.on('close', () => target.destroy());
    });
  });
  const { cluster } = await clusterAt(server.url, { timeout });
  return { cluster, forwards, server };
}
