/** Whatever is aborted or closed leaves no connection open, at whatever stage: the process would not end. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/model/cluster.ts';
import { closeAll, clusterAt, failureOf, type Handler, serve, withDiscovery } from './api.ts';

afterEach(closeAll);

const OFTEN = { interval: 5 };
const POD = { kind: 'core/Pod', namespace: 'shop', name: 'reviews' } as const;

async function drained(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

/** Everything that waits for a server, each with the signal that ends it. */
const WAITING: Readonly<Record<string, (cluster: Cluster, signal: AbortSignal) => Promise<unknown>>> = {
  version: (cluster, signal) => cluster.version(signal),
  kinds: (cluster, signal) => cluster.kinds(signal),
  get: (cluster, signal) => cluster.get(POD, signal),
  list: (cluster, signal) => drained(cluster.list('core/Pod', { signal })),
  watch: (cluster, signal) => drained(cluster.watch('core/Pod', { signal })),
  apply: (cluster, signal) => cluster.apply({ ...POD, body: { apiVersion: 'v1' } }, { signal }),
  delete: (cluster, signal) => cluster.delete(POD, { signal }),
  logs: (cluster, signal) => drained(cluster.logs(POD, { follow: true, signal })),
  access: (cluster, signal) => cluster.access([{ verb: 'list', kind: 'core/Pod' }], signal),
  'a request to a pod': (cluster, signal) => cluster.podPort(POD, 15000).request('/', { signal }),
  'a stream of a pod': (cluster, signal) => drained(cluster.podPort(POD, 15000).stream('/', { signal })),
};

/** Where a server can leave a client waiting. */
const STAGES: Readonly<Record<string, { readonly scheme: string; readonly handler?: Handler }>> = {
  'the TLS handshake': { scheme: 'https' },
  'the first answer': { scheme: 'http' },
  'an answer after discovery': { scheme: 'http', handler: () => new Promise(() => {}) },
  'the middle of an answer': {
    scheme: 'http',
    handler: (_, response) => {
      response.writeHead(200).write('{"items":[');
      return undefined;
    },
  },
};

/** @returns an address, and the number of connections that are open there */
async function silent(): Promise<{ readonly port: number; readonly open: () => number; close(): Promise<unknown> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, open: () => sockets.size, close: () => new Promise((resolve) => server.close(resolve)) };
}

describe.each(Object.entries(STAGES))('at %s', (_, { scheme, handler }) => {
  it.each(Object.keys(WAITING))('%s ends with its signal, and its connections with the cluster', async (name) => {
    const deaf = handler ? undefined : await silent();
    const server = handler && (await serve(withDiscovery(handler)));
    const open = new Set<Socket>();
    server?.server.on('connection', (socket: Socket) => open.add(socket.once('close', () => open.delete(socket))));
    const { cluster } = await clusterAt(deaf ? `${scheme}://127.0.0.1:${deaf.port}` : (server?.url ?? ''), { timeout: '0' });
    const connections = (): number => deaf?.open() ?? open.size;
    const stop = new AbortController();
    const outcome = WAITING[name]?.(cluster, stop.signal).then(
      () => 'ended',
      (error: Error) => error.message,
    );
    await expect.poll(connections, OFTEN).toBeGreaterThan(0);
    stop.abort(new Error('enough'));
    // Streams just end, and discovery is answered in the later stages.
    expect(['ended', 'enough']).toContain(await outcome);
    await cluster.close();
    await expect.poll(connections, OFTEN).toBe(0);
    await deaf?.close();
  });
});

describe('a cluster that is closed', () => {
  it.each(Object.keys(WAITING))('ends %s', async (name) => {
    const deaf = await silent();
    const { cluster } = await clusterAt(`http://127.0.0.1:${deaf.port}`, { timeout: '0' });
    const failed = failureOf((WAITING[name] as (typeof WAITING)[string])(cluster, new AbortController().signal));
    await expect.poll(deaf.open, OFTEN).toBeGreaterThan(0);
    await cluster.close();
    expect(await failed).toBeInstanceOf(Error);
    await expect.poll(deaf.open, OFTEN).toBe(0);
    await deaf.close();
  });
});
