/**
 * One forwarded connection as a stream. Every message begins with its channel: 0 carries data, 1 what
 * went wrong; the first message of each is the port number.
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go
 */
import { Duplex } from 'node:stream';
import { type ClientOptions, type RawData, WebSocket } from 'ws';
import type { Credentials } from './credentials.ts';
import { openSocket } from './open-socket.ts';

const PROTOCOL = 'v4.channel.k8s.io';
const DATA = 0;
/** Servers limit the size of a message. */
const LARGEST_MESSAGE = 32 * 1024;

export type ForwardProblem =
  | { readonly is: 'status'; readonly status: number; readonly body: string }
  | { readonly is: 'timeout' }
  | { readonly is: 'lost'; readonly error: unknown }
  /** The kubelet's words. */
  | { readonly is: 'refused'; readonly said: string };

export interface ForwardOptions extends Credentials {
  readonly proxy: string | undefined;
  readonly timeoutMs: number | undefined;
  /** Ends the connection, also one that is not there yet. */
  readonly signal: AbortSignal;
}

/** @param inWords makes an error of a problem, whenever it occurs */
export function forwardSocket(url: string, options: ForwardOptions, inWords: (problem: ForwardProblem) => Error): Promise<Duplex> {
  const { headers, tls, proxy, timeoutMs, signal } = options;
  const given: ClientOptions & { servername?: string } = { headers: headers as Record<string, string>, perMessageDeflate: false };
  for (const [key, value] of Object.entries({ ...tls, handshakeTimeout: timeoutMs })) {
    if (value !== undefined) Object.assign(given, { [key]: value });
  }
  // Node hands the callback in, which the types of ws do not know.
  const connect = (_: unknown, done: (error: unknown, socket?: Duplex) => void): void => {
    openSocket(new URL(url), proxy, tls, signal).then((opened) => done(null, opened), done);
  };
  Object.assign(given, { createConnection: connect });
  const socket = new WebSocket(url, PROTOCOL, given);
  const end = (): void => socket.terminate();
  signal.addEventListener('abort', end, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', end));
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (request, response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (body.length < 10_000) body += chunk;
      });
      const finish = (): void => {
        request.destroy();
        reject(inWords({ is: 'status', status: response.statusCode ?? 0, body }));
      };
      response.once('end', finish).once('error', finish);
    });
    socket.on('error', (error) => {
      reject(inWords(error.message.includes('handshake has timed out') ? { is: 'timeout' } : { is: 'lost', error }));
    });
    socket.once('open', () => resolve(duplexOf(socket, inWords)));
  });
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

function duplexOf(socket: WebSocket, inWords: (problem: ForwardProblem) => Error): Duplex {
  const greeted = new Set<number>();
  const stream = new Duplex({
    read: () => socket.resume(),
    write(chunk: Buffer, _encoding, done) {
      const messages: Buffer[] = [];
      for (let from = 0; from < chunk.length; from += LARGEST_MESSAGE) {
        messages.push(Buffer.concat([Buffer.from([DATA]), chunk.subarray(from, from + LARGEST_MESSAGE)]));
      }
      const last = messages.pop();
      for (const message of messages) socket.send(message);
      if (last) socket.send(last, (error) => done(error ?? null));
      else done();
    },
    final(done) {
      socket.close();
      done();
    },
    destroy(error, done) {
      socket.terminate();
      done(error);
    },
  });
  // A refusal may arrive together with the handshake, before undici listens; it finds the stream destroyed then.
  stream.on('error', () => {});
  socket.on('message', (data) => {
    const message = bytesOf(data);
    const channel = message[0] ?? DATA;
    const isGreeting = !greeted.has(channel);
    greeted.add(channel);
    const payload = message.subarray(isGreeting ? 3 : 1);
    if (payload.length === 0) return;
    if (channel !== DATA) stream.destroy(inWords({ is: 'refused', said: payload.toString('utf8') }));
    else if (!stream.push(payload)) socket.pause();
  });
  socket.on('error', (error) => stream.destroy(inWords({ is: 'lost', error })));
  socket.once('close', () => {
    stream.push(null);
    stream.end();
  });
  return stream;
}
