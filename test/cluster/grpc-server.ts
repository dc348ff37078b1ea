/** gRPC servers on loopback that do what a test wants, also what no server should. */
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { framed } from '../../src/cluster/grpc-frames.ts';
import { type Certificate, issueCertificate } from '../../src/sandbox/pki/certificate.ts';

export interface Called {
  readonly stream: ServerHttp2Stream;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The first message, when all of it has arrived. */
  message(): Promise<Buffer>;
}

export interface GrpcServer {
  readonly port: number;
  readonly sessions: Set<ServerHttp2Session>;
}

const DAY = 86_400_000;

export const authority = (): Certificate =>
  issueCertificate({ commonName: 'mesh', isCa: true, notBefore: Date.now() - DAY, notAfter: Date.now() + DAY });

export const certificateBy = (issuer: Certificate, dnsNames: readonly string[], notAfter = Date.now() + DAY): Certificate =>
  issueCertificate({ commonName: '', dnsNames, issuer, notBefore: Date.now() - 2 * DAY, notAfter });

/** Ends with the test. */
export async function grpcServer(handle: (called: Called) => void, certificate?: Certificate): Promise<GrpcServer> {
  const server: Http2Server = certificate
    ? (createSecureServer({ cert: certificate.certificatePem, key: certificate.keyPem }) as unknown as Http2Server)
    : createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    handle({ stream, headers, message: () => firstMessage(stream) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of sessions) session.destroy();
      }),
  );
  return { port: (server.address() as AddressInfo).port, sessions };
}

async function firstMessage(stream: ServerHttp2Stream): Promise<Buffer> {
  let received = Buffer.alloc(0);
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    received = Buffer.concat([received, chunk as Buffer]);
    if (received.length >= 5 && received.length >= 5 + received.readUInt32BE(1)) break;
  }
  return received.subarray(5);
}

export const HEAD = { ':status': 200, 'content-type': 'application/grpc' };

/** Answers with messages and a status, as servers should. */
export function answer(
  stream: ServerHttp2Stream,
  messages: readonly (string | Uint8Array)[],
  trailers: Record<string, string> = { 'grpc-status': '0' },
): void {
  stream.respond(HEAD, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers(trailers));
  for (const message of messages) stream.write(framed(Buffer.from(message)));
  stream.end();
}

/** Answers with whatever bytes, and without trailers. */
export function answerRaw(stream: ServerHttp2Stream, head: OutgoingHttpHeaders, body: string | Uint8Array): void {
  stream.respond(head);
  stream.end(body);
}
