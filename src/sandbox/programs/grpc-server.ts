/** gRPC over HTTP/2, on no port of the machine. @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
import { type IncomingHttpHeaders, performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from '../pki/certificate.ts';
import { streamPair } from './stream-pair.ts';

export interface GrpcCall<Place> {
  readonly place: Place;
  readonly metadata: IncomingHttpHeaders;
  readonly messages: AsyncIterable<Buffer>;
  /** Aborted when the caller has gone. */
  readonly gone: AbortSignal;
}

/** Messages in, messages out; @throws GrpcProblem */
export type GrpcMethod<Place> = (call: GrpcCall<Place>) => AsyncIterable<Uint8Array>;

const CODES = {
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  UNIMPLEMENTED: 12,
  UNAUTHENTICATED: 16,
} as const;

/** How a call ends that does not end well. */
export class GrpcProblem extends Error {
  readonly status: keyof typeof CODES;

  constructor(status: keyof typeof CODES, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * @param methods by name: `io.linkerd.proxy.destination.Destination/Get`
 * @param certificate TLS with it; plain text when absent
 * @returns a function that opens a connection to the server
 */
export function grpcServer<Place>(
  methods: Readonly<Record<string, GrpcMethod<Place>>>,
  certificate?: (place: Place) => Pick<Certificate, 'certificatePem' | 'keyPem'>,
): (place: Place) => Duplex {
  const serve = (socket: Duplex, place: Place): void => {
    const session = performServerHandshake(socket);
    session.on('error', () => socket.destroy());
    session.on('stream', (stream, headers) => {
      // Whoever calls may go at any time.
      stream.on('error', () => {});
      const method = methods[String(headers[':path']).slice(1)];
      const gone = new AbortController();
      stream.once('close', () => gone.abort());
      const call = { place, metadata: headers, messages: messagesOf(stream), gone: gone.signal };
      void answer(stream, method ? method(call) : unknown(headers[':path']));
    });
  };
  return (place) => {
    const [near, far] = streamPair();
    far.on('error', () => far.destroy());
    if (!certificate) {
      serve(far, place);
      return near;
    }
    const { certificatePem: cert, keyPem: key } = certificate(place);
    const server = createTlsServer({ cert, key, ALPNProtocols: ['h2'] }, (socket) => {
      socket.on('error', () => socket.destroy());
      serve(socket, place);
    });
    // A client that does not trust the certificate goes in the middle of the handshake.
    server.on('tlsClientError', () => far.destroy());
    server.emit('connection', far);
    return near;
  };
}

// biome-ignore lint/correctness/useYield: there is nothing that it could answer.
async function* unknown(path: string | undefined): AsyncIterable<Uint8Array> {
  const [, service, method] = (path ?? '').split('/');
  throw new GrpcProblem('UNIMPLEMENTED', `unknown method ${method} for service ${service}`);
}

const HEAD = { ':status': 200, 'content-type': 'application/grpc' };

async function answer(stream: ServerHttp2Stream, messages: AsyncIterable<Uint8Array>): Promise<void> {
  let trailers: Record<string, string> = { 'grpc-status': '0' };
  const respond = (): void => {
    if (stream.headersSent) return;
    stream.respond(HEAD, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers(trailers));
  };
  try {
    for await (const message of messages) {
      if (stream.destroyed) return;
      respond();
      if (!stream.write(framed(message))) await new Promise((resolve) => stream.once('drain', resolve).once('close', resolve));
    }
  } catch (error) {
    const { status, message } = error instanceof GrpcProblem ? error : new GrpcProblem('UNKNOWN', String(error));
    trailers = { 'grpc-status': String(CODES[status]), 'grpc-message': encodeURIComponent(message).replaceAll('%20', ' ') };
  }
  if (stream.destroyed) return;
  if (stream.headersSent || trailers['grpc-status'] === '0') {
    respond();
    stream.end();
  } else stream.respond({ ...HEAD, ...trailers }, { endStream: true });
}

function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

async function* messagesOf(stream: ServerHttp2Stream): AsyncIterable<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1);
      yield rest.subarray(5, end);
      rest = rest.subarray(end);
    }
  }
}
