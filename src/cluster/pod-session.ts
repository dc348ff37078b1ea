/**
 * HTTP/2 over a forwarded connection, in plain text or in TLS of the pod's own.
 *
 * TLS is always verified. The API server vouches for the way to the node, but kubelets often serve with certificates that
 * nobody verified, and what runs behind the port of a pod is not proven by its name. A token that is sent must not reach
 * anything but the program that the mesh's authority signed for.
 */
import { type ClientHttp2Session, connect } from 'node:http2';
import type { Duplex } from 'node:stream';
import { checkServerIdentity, connect as connectTls } from 'node:tls';
import type { PodTls } from '../model/cluster.ts';

const HANDSHAKE_MS = 10_000;
/** Bytes on their way before the reader takes them: the way to a pod is long. */
const STREAM_WINDOW = 256 * 1024;
const SESSION_WINDOW = 1024 * 1024;

export interface PodSession {
  readonly session: ClientHttp2Session;
  /** Why the connection below ended; undefined where it did not, or without a word. */
  problem(): unknown;
}

/** The program in the pod does not prove who it is. */
export class IdentityProblem extends Error {}

/** @throws IdentityProblem, and errors of the connection as they are */
export async function openSession(stream: Duplex, tls: PodTls | undefined): Promise<PodSession> {
  let problem: unknown;
  stream.once('error', (error) => {
    problem = error;
  });
  const secured = tls ? await handshake(stream, tls, () => problem) : stream;
  const session = connect('http://localhost', {
    createConnection: () => secured,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
  });
  session.on('error', (error) => {
    problem ??= error;
  });
  session.once('connect', () => session.setLocalWindowSize(SESSION_WINDOW));
  session.once('close', () => stream.destroy());
  return { session, problem: () => problem };
}

function handshake(stream: Duplex, { ca, names }: PodTls, problem: () => unknown): Promise<Duplex> {
  const [first] = names;
  const socket = connectTls({
    socket: stream,
    ca,
    servername: first,
    ALPNProtocols: ['h2'],
    // The environment may turn verification off for all of Node.
    rejectUnauthorized: true,
    checkServerIdentity: (_, certificate) => {
      const errors = names.map((name) => checkServerIdentity(name, certificate));
      return errors.includes(undefined) ? undefined : errors[0];
    },
  });
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      stream.destroy();
      reject(error);
    };
    const late = Object.assign(new Error('No answer.'), { code: 'ETIMEDOUT' });
    const timer = setTimeout(() => fail(late), HANDSHAKE_MS);
    const lost = (): void => fail(problem() ?? Object.assign(new Error('Closed.'), { code: 'ECONNRESET' }));
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.off('close', lost);
      resolve(socket);
    });
    socket.once('close', lost);
    socket.on('error', (error: NodeJS.ErrnoException) => fail(problem() ?? (isAboutIdentity(error) ? identityProblem(error) : error)));
  });
}

/** Whatever is not about the connection is about certificates, or about TLS itself. */
const isAboutIdentity = ({ code = '' }: NodeJS.ErrnoException): boolean => !/^(ECONN\w+|EPIPE|ETIMEDOUT)$/.test(code);

const identityProblem = (error: NodeJS.ErrnoException): IdentityProblem =>
  Object.assign(new IdentityProblem(error.message), { code: error.code });
