/** Proxies on the way to a cluster, real ones on loopback: requests, watches and port-forwards go through each kind of them. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
  type AddressInfo,
  connect as connectSocket,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/cluster/connect.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { all, closeAll, failureOf, serve } from './api.ts';
import { authority, good } from './certificates.ts';

interface Proxy {
  readonly address: string;
  /** What it was asked to connect to, with the login. */
  readonly tunnels: string[];
}

const servers: { close(): unknown; readonly sockets: Set<Duplex> }[] = [];
const clusters: Cluster[] = [];
afterEach(async () => {
  await Promise.all(clusters.splice(0).map((cluster) => cluster.close()));
  for (const { close, sockets } of servers.splice(0)) {
    close();
    for (const socket of sockets) socket.destroy();
  }
  await closeAll();
});

async function listening(server: Server | TcpServer): Promise<number> {
  const sockets = new Set<Duplex>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  servers.push({ close: () => server.close(), sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function joined(socket: Duplex, port: number, ready: () => void): void {
  const target = connectSocket(port, '127.0.0.1', () => {
    ready();
    target.pipe(socket).pipe(target);
  });
  target.on('error', () => socket.destroy());
  socket.on('error', () => target.destroy());
  socket.on('close', () => target.destroy());
}

/** Leads every name to the server on `port`, so that a name nobody else can resolve will do. */
async function httpProxy(port: number, options: { readonly secure?: boolean; readonly answer?: string } = {}): Promise<Proxy> {
  const tunnels: string[] = [];
  const server = options.secure ? createTlsServer(good) : createServer();
  server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    tunnels.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    if (options.answer) return void socket.end(`HTTP/1.1 ${options.answer}\r\n\r\n`);
    joined(socket, port, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) socket.unshift(head);
    });
  });
  return { address: `http${options.secure ? 's' : ''}://127.0.0.1:${await listening(server)}`, tunnels };
}

/** SOCKS 5 by RFC 1928, with a login when the client offers one. */
async function socksProxy(port: number, reply = 0): Promise<Proxy> {
  const tunnels: string[] = [];
  const server = createTcpServer((socket) => {
    let login = '';
    let received = Buffer.alloc(0);
    let step: 'greeting' | 'login' | 'request' = 'greeting';
    const read = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      if (step === 'greeting') {
        const wantsLogin = received.subarray(2).includes(2);
        step = wantsLogin ? 'login' : 'request';
        socket.write(Buffer.from([5, wantsLogin ? 2 : 0]));
      } else if (step === 'login') {
        const length = received[1] ?? 0;
        login = `${received.subarray(2, 2 + length)}:${received.subarray(3 + length)}`;
        step = 'request';
        socket.write(Buffer.from([1, 0]));
      } else {
        const length = received[4] ?? 0;
        const name = received[3] === 3 ? received.subarray(5, 5 + length).toString() : `address type ${received[3]}`;
        tunnels.push(`${name}:${received.readUInt16BE(5 + length)} ${login}`.trim());
        socket.off('data', read);
        const answer = Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]);
        if (reply === 0) joined(socket, port, () => socket.write(answer));
        else socket.end(answer);
      }
      received = Buffer.alloc(0);
    };
    socket.on('data', read);
    socket.on('error', () => {});
  });
  return { address: `socks5://127.0.0.1:${await listening(server)}`, tunnels };
}

const admin = createServer((asked, response) => response.end(`answer to ${asked.url}`));
let sandbox: Sandbox;
beforeAll(async () => {
  await new Promise<void>((resolve) => admin.listen(0, '127.0.0.1', resolve));
  sandbox = await startSandbox({
    objects: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'web', namespace: 'shop' },
        spec: { containers: [{ name: 'web', image: 'web' }] },
      },
    ],
    programs: () => ({ dial: () => connectSocket((admin.address() as AddressInfo).port, '127.0.0.1') }),
  });
});
afterAll(async () => {
  await sandbox.close();
  admin.closeAllConnections();
  admin.close();
});

const portOf = (url: string): number => Number(new URL(url).port);

async function connected(kubeconfig: string, env: Record<string, string> = {}): Promise<Cluster> {
  const cluster = await connect({ kubeconfig: '/kube' }, memoryHost({ files: { '/kube': kubeconfig }, env }));
  clusters.push(cluster);
  return cluster;
}

/** The sandbox under a name that leads nowhere without the proxy; its certificate is for `localhost`. */
function sandboxBehind(proxy: string, cluster: object = {}): string {
  const server = `https://kubernetes.test:${portOf(sandbox.url)}`;
  const file = sandbox.kubeconfig();
  const authorityOf = /certificate-authority-data"?: "?([\w+/=]+)/.exec(file)?.[1];
  return JSON.stringify({
    'current-context': 'c',
    clusters: [
      {
        name: 'c',
        cluster: { server, 'tls-server-name': 'localhost', 'certificate-authority-data': authorityOf, 'proxy-url': proxy, ...cluster },
      },
    ],
    users: [{ name: 'u', user: { token: sandbox.token } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  });
}

async function everything(cluster: Cluster): Promise<void> {
  expect((await all(cluster.list('core/Pod'))).map(({ name }) => name)).toEqual(['web']);
  const stop = new AbortController();
  const watching = (async () => {
    for await (const { resource } of cluster.watch('core/ConfigMap', { namespace: 'shop', signal: stop.signal })) {
      if (resource.name !== 'seen') continue;
      stop.abort();
    }
  })();
  const before = sandbox.requests.get('watch configmaps') ?? 0;
  await expect.poll(() => sandbox.requests.get('watch configmaps') ?? 0, { timeout: 5000 }).toBeGreaterThan(before);
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'seen', namespace: 'shop' } };
  const ref = { kind: 'core/ConfigMap', namespace: 'shop', name: 'seen' } as const;
  await cluster.apply({ ...ref, body });
  await watching;
  await cluster.delete(ref);
  const port = cluster.podPort({ kind: 'core/Pod', namespace: 'shop', name: 'web' }, 15000);
  expect((await port.request('/ready')).body).toBe('answer to /ready');
}

const LOGIN = 'me:planted%2Fpass@';

describe('requests, watches and port-forwards go through', () => {
  it('an HTTP proxy', async () => {
    const proxy = await httpProxy(portOf(sandbox.url));
    await everything(await connected(sandboxBehind(proxy.address.replace('//', `//${LOGIN}`))));
    const basic = `Basic ${Buffer.from('me:planted/pass').toString('base64')}`;
    expect(new Set(proxy.tunnels)).toEqual(new Set([`kubernetes.test:${portOf(sandbox.url)} ${basic}`]));
  });

  it('an HTTPS proxy, for which the authority of the cluster vouches', async () => {
    const proxy = await httpProxy(portOf(sandbox.url), { secure: true });
    const file = sandboxBehind(proxy.address);
    const known = JSON.parse(file).clusters[0].cluster['certificate-authority-data'] as string;
    const both = Buffer.from(`${Buffer.from(known, 'base64')}\n${authority}`).toString('base64');
    await everything(await connected(sandboxBehind(proxy.address, { 'certificate-authority-data': both })));
    expect(proxy.tunnels.length).toBeGreaterThan(1);
    const error = await failureOf((await connected(file)).version());
    expect(error.message).toContain(`the certificate of the proxy ${new URL(proxy.address).host} cannot be verified`);
  });

  it.each(['socks5', 'socks5h'])('a %s proxy, which resolves the name', async (scheme) => {
    const proxy = await socksProxy(portOf(sandbox.url));
    await everything(await connected(sandboxBehind(proxy.address.replace('socks5://', `${scheme}://${LOGIN}`))));
    expect(new Set(proxy.tunnels)).toEqual(new Set([`kubernetes.test:${portOf(sandbox.url)} me:planted/pass`]));
  });

  it('the proxy of the environment, unless NO_PROXY names the server or the kubeconfig another', async () => {
    const [first, second] = [await httpProxy(portOf(sandbox.url)), await httpProxy(portOf(sandbox.url))];
    const plain = sandboxBehind('');
    await everything(await connected(plain, { HTTPS_PROXY: first.address, NO_PROXY: 'other.test' }));
    expect(first.tunnels.length).toBeGreaterThan(1);
    const before = first.tunnels.length;
    await (await connected(sandboxBehind(second.address), { HTTPS_PROXY: first.address })).version();
    const direct = await failureOf((await connected(plain, { HTTPS_PROXY: first.address, NO_PROXY: '.test' })).version());
    expect(direct.message).toContain('the name of the server cannot be resolved');
    expect([first.tunnels.length, second.tunnels.length]).toEqual([before, 1]);
  });
});

describe('a proxy that is at fault', () => {
  const failing = async (address: string): Promise<string> => {
    const cluster = await connected(sandboxBehind(address.replace('//', '//me:planted-pass@')));
    const error = await failureOf(cluster.version());
    expect([error.code, error.exit]).toEqual(['E_CLUSTER_UNREACHABLE', 3]);
    expect(error.hint).toBe('Check proxy-url in the kubeconfig, HTTPS_PROXY and NO_PROXY.');
    expect(`${error.message}${error.stack}${JSON.stringify(error.cause)}`).not.toContain('planted');
    return error.message.replace(/^Cannot get the version: (.*) \(context.*$/, '$1').replace(/127\.0\.0\.1:\d+/, 'PROXY');
  };

  it('is one clear error', async () => {
    expect(await failing((await httpProxy(1, { answer: '407 Proxy Authentication Required' })).address)).toBe(
      'the proxy PROXY wants a login',
    );
    expect(await failing((await httpProxy(1, { answer: '403 Forbidden' })).address)).toBe('the proxy PROXY refuses the connection (403)');
    expect(await failing('http://127.0.0.1:1')).toBe('the proxy PROXY cannot be reached: the connection was refused');
    expect(await failing('socks5://127.0.0.1:1')).toBe('the proxy PROXY cannot be reached: the connection was refused');
    expect(await failing('http://proxy.invalid:3128')).toBe('the proxy proxy.invalid:3128 cannot be reached: its name cannot be resolved');
    expect(await failing((await socksProxy(1, 5)).address)).toBe('the proxy PROXY refuses the connection (ConnectionRefused)');
    const rude = createTcpServer((socket) => socket.destroy());
    expect(await failing(`http://127.0.0.1:${await listening(rude)}`)).toBe(
      'the proxy PROXY did not let the connection through (ECONNRESET)',
    );
  });

  it('does not hide what is wrong with the server behind it', async () => {
    const server = await serve(() => ({ json: {} }), good);
    for (const proxy of [await httpProxy(portOf(server.url)), await socksProxy(portOf(server.url))]) {
      const error = await failureOf((await connected(sandboxBehind(proxy.address))).version());
      expect(error.message).toContain('signed by an authority that is not known');
    }
  });

  it('leaves nothing open when the cluster is closed while it is silent', async () => {
    for (const scheme of ['http', 'socks5']) {
      const open = new Set<Socket>();
      const silent = createTcpServer((socket) => {
        open.add(socket);
        socket.on('error', () => {}).on('close', () => open.delete(socket));
        socket.resume();
      });
      const cluster = await connected(sandboxBehind(`${scheme}://127.0.0.1:${await listening(silent)}`));
      const failed = failureOf(cluster.version());
      await expect.poll(() => open.size).toBe(1);
      await cluster.close();
      expect((await failed).message).toBe('The cluster was closed.');
      await expect.poll(() => open.size).toBe(0);
    }
  });
});
