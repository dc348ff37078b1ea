/** Repositories and registries on loopback, which answer from a table and remember what they were asked. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { cacheFolder } from '../../src/charts/cache.ts';
import { digestOf } from '../../src/charts/digest.ts';
import { type Charts, type OpenOptions, openCharts } from '../../src/charts/open.ts';
import { type MemoryHost, type MemoryOptions, memoryHost } from '../../src/host/memory.ts';

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Asked {
  /** With the query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** Undefined: the handler does as it likes with the response. */
export type Handler = (asked: Asked, response: ServerResponse) => Reply | undefined;

export interface TestServer {
  readonly url: string;
  /** `127.0.0.1:1234`. */
  readonly host: string;
  readonly asked: readonly Asked[];
  /** Paths only. */
  readonly paths: () => readonly string[];
}

const closers: (() => void)[] = [];
const opened: Charts[] = [];

/** For `afterEach`. */
export async function closeAll(): Promise<void> {
  await Promise.all(opened.splice(0).map((charts) => charts.close()));
  for (const close of closers.splice(0)) close();
}

export async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  closers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

export async function serve(handler: Handler, tls?: ServerOptions): Promise<TestServer> {
  const asked: Asked[] = [];
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const entry = { path: request.url ?? '', authorization: request.headers.authorization, body: Buffer.concat(chunks).toString() };
    asked.push(entry);
    const reply = handler(entry, response);
    if (!reply) return;
    response.writeHead(reply.status ?? 200, { ...reply.headers });
    response.end(reply.body ?? '');
  };
  const port = await listening(tls ? createTlsServer(tls, listener) : createServer(listener));
  const host = `127.0.0.1:${port}`;
  return { url: `${tls ? 'https' : 'http'}://${host}`, host, asked, paths: () => asked.map(({ path }) => path) };
}

/** Answers by the path, without the query; 404 for the rest. */
export const table =
  (replies: Readonly<Record<string, Reply>>): Handler =>
  ({ path }) =>
    replies[path.replace(/\?.*$/, '')] ?? { status: 404 };

export interface Listed {
  readonly version: string;
  readonly url: string;
  readonly digest?: string;
}

export const indexOf = (charts: Readonly<Record<string, readonly Listed[]>>): string =>
  JSON.stringify({
    apiVersion: 'v1',
    entries: Object.fromEntries(
      Object.entries(charts).map(([name, list]) => [
        name,
        list.map(({ url, ...entry }) => ({ name, ...entry, urls: [url], created: '2026-01-01T00:00:00Z' })),
      ]),
    ),
  });

/** The digest as indexes write it. */
export const hexOf = (data: Uint8Array): string => digestOf(data).replace('sha256:', '');

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** What a registry answers for one chart in it, by paths. */
export function imageReplies(
  repository: string,
  tag: string,
  archive: Uint8Array,
  configType = 'application/vnd.cncf.helm.config.v1+json',
) {
  const layer = digestOf(archive);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: configType, digest: digestOf(Buffer.from('{}')), size: 2 },
    layers: [
      { mediaType: 'application/vnd.cncf.helm.chart.provenance.v1.prov', digest: digestOf(Buffer.from('x')), size: 1 },
      { mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', digest: layer, size: archive.length },
    ],
  });
  const digest = digestOf(Buffer.from(manifest));
  const reply: Reply = { headers: { 'content-type': MANIFEST, 'docker-content-digest': digest }, body: manifest };
  return {
    digest,
    layer,
    replies: {
      [`/v2/${repository}/manifests/${tag}`]: reply,
      [`/v2/${repository}/manifests/${digest}`]: reply,
      [`/v2/${repository}/blobs/${layer}`]: { body: archive },
      [`/v2/${repository}/tags/list`]: { body: JSON.stringify({ name: repository, tags: [tag] }) },
    } as Record<string, Reply>,
  };
}

export interface Trial {
  readonly charts: Charts;
  readonly host: MemoryHost;
}

/** Charts as commands open them, on a machine with a cache. */
export function trial(options: Partial<OpenOptions> = {}, machine: MemoryOptions = {}, signal = new AbortController().signal): Trial {
  const host = memoryHost({ ...machine, env: { HOME: '/home/me', ...machine.env } });
  const charts = openCharts(
    {
      skipTlsVerify: false,
      plainHttp: false,
      timeoutMs: 10_000,
      offlineHint: 'Use --chart COMPONENT=DIR|TGZ.',
      cacheFolder: cacheFolder(host.env),
      ...options,
    },
    host,
    signal,
  );
  opened.push(charts);
  return { charts, host };
}
