/** The port: plain HTTP or TLS with a certificate of its own authority, on loopback only. */
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { issueCertificate } from './pki/certificate.ts';

export interface Listener {
  readonly server: Server;
  /** PEM of the authority; undefined for plain HTTP. */
  readonly authority: string | undefined;
  listen(port: number): Promise<string>;
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 2000;
const DAY_MS = 86_400_000;

export function createListener(tls: boolean, handle: RequestListener): Listener {
  const { server, authority } = tls ? secure(handle) : { server: createHttpServer(handle), authority: undefined };
  server.maxConnections = MOST_CONNECTIONS;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return {
    server,
    authority,
    listen: async (port) => {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', resolve);
      });
      return `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}

/** Clients compare with the machine's clock, so the certificate is valid by that one and not by the sandbox's. */
function secure(handle: RequestListener): { readonly server: Server; readonly authority: string } {
  const valid = { notBefore: Date.now() - DAY_MS, notAfter: Date.now() + 30 * DAY_MS };
  const issuer = issueCertificate({ commonName: 'meshctl sandbox', isCa: true, ...valid });
  const own = issueCertificate({
    commonName: 'sandbox',
    dnsNames: ['localhost', 'kubernetes'],
    addresses: ['127.0.0.1'],
    issuer,
    ...valid,
  });
  return { server: createHttpsServer({ cert: own.certificatePem, key: own.keyPem }, handle), authority: issuer.certificatePem };
}
