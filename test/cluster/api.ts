/** A tiny API server for cases that a sandbox does not have: wrong certificates, cut connections, strange answers. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from '../../src/cluster/connect.ts';
import type { MeshctlError } from '../../src/errors.ts';
import { type MemoryHost, memoryHost } from '../../src/host/memory.ts';
import type { Cluster } from '../../src/model/cluster.ts';

export const TOKEN = 'planted-token-7f3a9c';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** Undefined: the handler has written the response itself. */
export type Answer = { readonly status?: number; readonly headers?: Record<string, string>; readonly json: unknown } | undefined;
export type Handler = (asked: Asked, response: ServerResponse) => Answer | Promise<Answer>;

export interface TestServer {
  readonly url: string;
  readonly server: Server;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

const open: TestServer[] = [];

/** For `afterEach`. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((server) => server.close()));
}

export async function serve(handler: Handler, tls?: ServerOptions): Promise<TestServer> {
  const asked: Asked[] = [];
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const url = new URL(request.url ?? '/', 'http://localhost');
    const entry: Asked = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    asked.push(entry);
    const answer = await handler(entry, response);
    if (!answer) return;
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
    response.end(typeof answer.json === 'string' ? answer.json : JSON.stringify(answer.json));
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.once('close', () => sockets.delete(socket))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const started: TestServer = {
    url: `http${tls ? 's' : ''}://127.0.0.1:${port}`,
    server: server as Server,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  open.push(started);
  return started;
}

export interface KubeconfigParts {
  readonly cluster?: object;
  readonly user?: object;
}

function kubeconfig(url: string, { cluster = {}, user = { token: TOKEN } }: KubeconfigParts = {}): string {
  return JSON.stringify({
    'current-context': 'test',
    clusters: [{ name: 'c', cluster: { server: url, ...cluster } }],
    users: [{ name: 'jane', user }],
    contexts: [{ name: 'test', context: { cluster: 'c', user: 'jane', namespace: 'shop' } }],
  });
}

export async function clusterAt(
  url: string,
  parts: KubeconfigParts & {
    readonly timeout?: string;
    readonly as?: string;
    readonly asGroups?: readonly string[];
    readonly env?: Record<string, string>;
  } = {},
): Promise<{ readonly cluster: Cluster; readonly host: MemoryHost }> {
  const host = memoryHost({ files: { '/kube/config': kubeconfig(url, parts) }, env: parts.env ?? {} });
  const cluster = await connect(
    { kubeconfig: '/kube/config', as: parts.as, asGroups: parts.asGroups ?? [], requestTimeout: parts.timeout ?? '5s' },
    host,
  );
  open.push({ url, server: undefined as never, asked: [], close: () => cluster.close() });
  return { cluster, host };
}

const resources = (
  ...entries: readonly (readonly [group: string, version: string, kind: string, plural: string, scope?: string])[]
): object => ({
  kind: 'APIGroupDiscoveryList',
  items: entries.map(([group, version, kind, plural, scope = 'Namespaced']) => ({
    metadata: { name: group },
    versions: [
      { version, resources: [{ resource: plural, responseKind: { kind }, scope, verbs: ['get', 'list', 'watch', 'patch', 'delete'] }] },
    ],
  })),
});

/** Discovery of Pods and VirtualServices, in front of a handler for everything else. */
export function withDiscovery(handler: Handler): Handler {
  return (asked, response) => {
    if (asked.path === '/api') return { json: resources(['', 'v1', 'Pod', 'pods']) };
    if (asked.path === '/apis') return { json: resources(['networking.istio.io', 'v1', 'VirtualService', 'virtualservices']) };
    return handler(asked, response);
  };
}

export const status = (code: number, message: string, more: object = {}): NonNullable<Answer> => ({
  status: code,
  json: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message, ...more },
});

export async function failureOf(promise: Promise<unknown>): Promise<MeshctlError> {
  return promise.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error) => error,
  );
}

export async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(...page);
  return found;
}
