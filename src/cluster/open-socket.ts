/** Sockets to a server, directly or through a proxy: HTTP and HTTPS with CONNECT, and SOCKS 5. Requests and port-forwards share them. */
import { type RequestOptions, request as sendPlain } from 'node:http';
import { request as sendSecurely } from 'node:https';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, rootCertificates } from 'node:tls';
import { SocksClient } from 'socks';
import { codeOf, ProxyProblem } from './errors.ts';
import type { Tls } from './tls.ts';

const CONNECT_MS = 10_000;

/**
 * A socket that speaks to the server, whatever is in between; TLS with it is established.
 * undici could connect by itself, but would not let go of a handshake that hangs.
 * @param signal ends the attempt; the socket outlives it
 * @throws ProxyProblem when the proxy is at fault, and errors of the server as Node gives them
 */
export async function openSocket(server: URL, proxy: string | undefined, tls: Tls, signal: AbortSignal): Promise<Socket> {
  const secure = /^(https|wss):$/.test(server.protocol);
  const target = { host: server.hostname.replace(/^\[|\]$/g, ''), port: Number(server.port || (secure ? 443 : 80)) };
  const late = AbortSignal.timeout(CONNECT_MS);
  const limit = AbortSignal.any([signal, late]);
  try {
    const socket = proxy === undefined ? await directly(target, limit) : await throughProxy(new URL(proxy), target, tls, limit, late);
    // A peer that went away without a word is noticed in minutes instead of hours.
    socket.setNoDelay(true).setKeepAlive(true, 60_000);
    return secure ? await secured(socket, target.host, tls, limit) : socket;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw late.aborted && !(error instanceof ProxyProblem) ? Object.assign(new Error('No answer.'), { code: 'ETIMEDOUT' }) : error;
  }
}

function directly(target: Target, signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp(target);
  return untilAborted(socket, signal, (resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => resolve(socket));
  });
}

async function throughProxy(proxy: URL, target: Target, tls: Tls, limit: AbortSignal, late: AbortSignal): Promise<Socket> {
  try {
    return await (proxy.protocol.startsWith('socks') ? throughSocks(proxy, target, limit) : throughHttp(proxy, target, tls, limit));
  } catch (error) {
    throw problemOf(error, `the proxy ${proxy.host}`, late.aborted);
  }
}

interface Target {
  readonly host: string;
  readonly port: number;
}

function throughHttp(proxy: URL, { host, port }: Target, { ca, rejectUnauthorized }: Tls, signal: AbortSignal): Promise<Socket> {
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const name = proxy.hostname.replace(/^\[|\]$/g, '');
  const options: RequestOptions & { servername: string } = {
    method: 'CONNECT',
    host: name,
    // Node would take it from the header, which names the server behind the proxy.
    servername: isIP(name) ? '' : name,
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    path: authority,
    agent: false,
    headers: { host: authority, ...(login !== ':' && { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` }) },
  };
  // As in kubectl the authority of the cluster may vouch for the proxy too; the client certificate is for the server alone.
  const trust = { ...(ca && { ca: [...rootCertificates, ca] }), ...(rejectUnauthorized === false && { rejectUnauthorized }) };
  const request = proxy.protocol === 'https:' ? sendSecurely({ ...options, ...trust }) : sendPlain(options);
  return untilAborted(request, signal, (resolve, reject) => {
    request.once('connect', (response, socket: Socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        return reject(new ProxyRefusal(response.statusCode ?? 0));
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.once('response', (response) => {
      request.destroy();
      reject(new ProxyRefusal(response.statusCode ?? 0));
    });
    request.once('error', reject);
    request.end();
  });
}

/** The proxy resolves the name, as with kubectl; names of a private network mean nothing here. */
function throughSocks(proxy: URL, destination: Target, signal: AbortSignal): Promise<Socket> {
  const host = proxy.hostname.replace(/^\[|\]$/g, '');
  const port = Number(proxy.port || 1080);
  const socket = connectTcp({ host, port });
  return untilAborted(socket, signal, (resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      const login = proxy.username ? { userId: decodeURIComponent(proxy.username), password: decodeURIComponent(proxy.password) } : {};
      SocksClient.createConnection({
        proxy: { host, port, type: 5, ...login },
        command: 'connect',
        destination,
        existing_socket: socket,
      }).then(() => resolve(socket), reject);
    });
  });
}

function secured(socket: Socket, host: string, tls: Tls, signal: AbortSignal): Promise<Socket> {
  const { servername = isIP(host) ? '' : host, ...rest } = tls;
  // Of an address there is no name to send, but the certificate must be for it all the same.
  const secure = connectTls({ ...rest, socket, host, ...(servername !== '' && { servername }) });
  return untilAborted(secure, signal, (resolve, reject) => {
    secure.once('secureConnect', () => resolve(secure));
    secure.once('error', reject);
  });
}

/** @param start tells how it ends; on the signal, and on failure, what was begun is destroyed */
function untilAborted<T>(
  begun: { destroy(): unknown },
  signal: AbortSignal,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => fail(signal.reason);
    const settle = (): void => signal.removeEventListener('abort', abort);
    const fail = (error: unknown): void => {
      settle();
      begun.destroy();
      reject(error);
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) return abort();
    start((value) => {
      settle();
      resolve(value);
    }, fail);
  });
}

class ProxyRefusal extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`The proxy answered with ${status}.`);
    this.status = status;
  }
}

/** Clauses for what proxies say; anything else is told by its code. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'cannot be reached: the connection was refused',
  ENOTFOUND: 'cannot be reached: its name cannot be resolved',
  EAI_AGAIN: 'cannot be reached: its name cannot be resolved',
  EHOSTUNREACH: 'cannot be reached: there is no route to it',
  ENETUNREACH: 'cannot be reached: there is no route to it',
};

function problemOf(error: unknown, proxy: string, late: boolean): ProxyProblem {
  if (late) return new ProxyProblem(`${proxy} does not answer`);
  if (error instanceof ProxyRefusal) {
    return new ProxyProblem(error.status === 407 ? `${proxy} wants a login` : `${proxy} refuses the connection (${error.status})`);
  }
  const code = codeOf(error);
  const rejected = /^Socks5 proxy rejected connection - (\w+)/.exec(error instanceof Error ? error.message : '')?.[1];
  if (rejected) return new ProxyProblem(`${proxy} refuses the connection (${rejected})`);
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code)) return new ProxyProblem(`the certificate of ${proxy} cannot be verified`);
  return new ProxyProblem(`${proxy} ${REASONS[code] ?? `did not let the connection through${code && ` (${code})`}`}`);
}
