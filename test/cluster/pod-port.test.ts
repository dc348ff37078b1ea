import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect as connectSocket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, clusterAt, failureOf, serve, withDiscovery } from './api.ts';
import { ADMIN, forwarding, POD } from './forwarding.ts';

const servers: Server[] = [];
afterEach(async () => {
  await closeAll();
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

/** The admin port of a proxy. */
async function admin(handler: Parameters<typeof createServer>[1]): Promise<number> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('podPort', () => {
  it('serves many requests over one connection', async () => {
    const { cluster, forwards } = await forwarding(
      await admin((request, response) => response.setHeader('x-path', request.url ?? '').end(`${request.method} ${request.url}`)),
    );
    const port = cluster.podPort(POD, ADMIN);
    expect(cluster.podPort(POD, ADMIN)).toBe(port);
    for (let index = 0; index < 20; index++) {
      expect((await port.request(`/stats?n=${index}`)).body).toBe(`GET /stats?n=${index}`);
    }
    expect(await port.request('/logging', { method: 'POST', body: 'level=debug' })).toMatchObject({
      status: 200,
      headers: { 'x-path': '/logging' },
      body: 'POST /logging',
    });
    expect(forwards.opened).toBe(1);
  });

  it('carries large bodies both ways', async () => {
    const big = 'x'.repeat(3_000_000);
    const { cluster } = await forwarding(await admin((request, response) => request.pipe(response)));
    expect((await cluster.podPort(POD, ADMIN).request('/', { method: 'POST', body: big })).body).toHaveLength(big.length);
  });

  it('gives endless answers as they arrive, beside other requests, and ends with the signal', async () => {
    const { cluster } = await forwarding(
      await admin((request, response) => {
        if (request.url === '/ready') return void response.end('LIVE');
        response.write('one');
        setTimeout(() => response.write('two'), 20);
      }),
    );
    const port = cluster.podPort(POD, ADMIN);
    const stop = new AbortController();
    let text = '';
    for await (const chunk of port.stream('/tap', { method: 'POST', signal: stop.signal })) {
      text += Buffer.from(chunk).toString();
      if (text === 'one') expect((await port.request('/ready')).body).toBe('LIVE');
      if (text === 'onetwo') stop.abort();
    }
    expect(text).toBe('onetwo');
  });

  it('connects anew when the connection died between two requests', async () => {
    const { cluster, forwards } = await forwarding(await admin((_, response) => response.end('LIVE')));
    const port = cluster.podPort(POD, ADMIN);
    await port.request('/ready');
    for (const socket of forwards.sockets) socket.terminate();
    expect((await port.request('/ready')).body).toBe('LIVE');
    expect(forwards.opened).toBe(2);
  });

  it('serves many requests at once over one connection, beside several streams', async () => {
    const { cluster, forwards } = await forwarding(
      await admin((request, response) => {
        if (!request.url?.startsWith('/tap')) return void setTimeout(() => response.end(request.url), 5);
        const timer = setInterval(() => response.write(request.url), 5);
        response.on('close', () => clearInterval(timer));
      }),
    );
    const port = cluster.podPort(POD, ADMIN);
    const stop = new AbortController();
    const taps = ['/tap/1', '/tap/2'].map(async (path) => {
      const seen = new Set<string>();
      for await (const chunk of port.stream(path, { signal: stop.signal })) {
        for (const piece of Buffer.from(chunk)
          .toString()
          .split(/(?=\/tap)/))
          seen.add(piece);
      }
      return [...seen];
    });
    const paths = Array.from({ length: 40 }, (_, index) => `/config_dump/${index}`);
    const bodies = await Promise.all(paths.map(async (path) => (await port.request(path)).body));
    expect(bodies).toEqual(paths);
    await expect.poll(() => forwards.opened).toBe(3);
    stop.abort();
    expect(await Promise.all(taps)).toEqual([['/tap/1'], ['/tap/2']]);
    await expect.poll(() => [...forwards.sockets].filter((socket) => socket.readyState === socket.OPEN).length).toBe(1);
  });

  it('reads no faster than whoever reads from it', async () => {
    let written = 0;
    const { cluster } = await forwarding(
      await admin((_, response) => {
        const write = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(64 * 1024))) written += 64 * 1024;
          written += 64 * 1024;
          response.once('drain', write);
        };
        write();
      }),
    );
    const stream = cluster.podPort(POD, ADMIN).stream('/tap')[Symbol.asyncIterator]();
    await stream.next();
    let before = -1;
    // What is on the way fills the buffers of three sockets, and then nothing moves any more.
    await expect
      .poll(
        () => {
          const stands = written === before;
          before = written;
          return stands;
        },
        { interval: 100, timeout: 4000 },
      )
      .toBe(true);
    const stood = written;
    expect(stood).toBeLessThan(50_000_000);
    let read = 0;
    while (read <= stood) read += (await stream.next()).value?.length ?? Number.POSITIVE_INFINITY;
    expect(written).toBeGreaterThan(stood);
    await stream.return?.();
  });

  it('says that the connection was lost when the pod goes away in the middle of an answer, and connects anew', async () => {
    let dying = true;
    const { cluster, forwards } = await forwarding(
      await admin((_, response) => {
        if (!dying) return void response.end('LIVE');
        response.writeHead(200, { 'content-length': '1000' }).write('half');
        setTimeout(() => {
          for (const socket of forwards.sockets) socket.terminate();
        }, 20);
      }),
    );
    const port = cluster.podPort(POD, ADMIN);
    const error = await failureOf(port.request('/config_dump'));
    expect([error.code, error.exit]).toEqual(['E_CLUSTER_UNREACHABLE', 3]);
    expect(error.message).toMatch(/^Cannot reach port 15000 of Pod shop\/reviews: the connection was lost \(context "test"/);
    const streamed = await failureOf(
      (async () => {
        for await (const _ of port.stream('/tap'));
      })(),
    );
    expect(streamed.message).toContain('the connection was lost');
    dying = false;
    expect((await port.request('/ready')).body).toBe('LIVE');
  });

  it('gives statuses as they are, except to streams', async () => {
    const { cluster } = await forwarding(await admin((_, response) => response.writeHead(503).end('PRE_INITIALIZING')));
    const port = cluster.podPort(POD, ADMIN);
    expect(await port.request('/ready')).toMatchObject({ status: 503, body: 'PRE_INITIALIZING' });
    const error = await failureOf(
      (async () => {
        for await (const _ of port.stream('/ready')) expect.unreachable();
      })(),
    );
    expect(error.message).toContain('Cannot read /ready at port 15000 of Pod shop/reviews: the proxy answered with 503: PRE_INITIALIZING');
  });

  it('says when nothing listens, when there is no such pod, and when the proxy does not answer', async () => {
    const { cluster } = await forwarding(undefined);
    const error = await failureOf(cluster.podPort(POD, ADMIN).request('/ready'));
    expect([error.code, error.exit]).toEqual(['E_POD_PORT', 3]);
    expect(error.message).toContain('Cannot reach port 15000 of Pod shop/reviews: error forwarding port 15000 to pod: connection refused');
    const absent = await failureOf(cluster.podPort({ ...POD, name: 'gone' }, ADMIN).request('/ready'));
    expect(absent.message).toContain('port 15000 of Pod shop/gone');
    expect(absent.message).toContain('the pod does not exist');
    const { cluster: silent } = await forwarding(await admin(() => {}));
    expect((await failureOf(silent.podPort(POD, ADMIN).request('/ready'))).code).toBe('E_CLUSTER_TIMEOUT');
  });
});

describe('a refusal that comes in one packet with the handshake', () => {
  it('is an error of the request, and none of the process', async () => {
    const server = await serve(withDiscovery(() => ({ status: 404, json: {} })));
    const frame = (...bytes: readonly Buffer[]): Buffer => {
      const payload = Buffer.concat(bytes);
      return Buffer.concat([Buffer.from([0x82, payload.length]), payload]);
    };
    server.server.on('upgrade', ({ headers }, socket) => {
      const accept = createHash('sha1').update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      const head = [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Protocol: v4.channel.k8s.io',
        `Sec-WebSocket-Accept: ${accept}`,
      ];
      const number = Buffer.from([ADMIN & 255, ADMIN >> 8]);
      const frames = [
        frame(Buffer.from([0]), number),
        frame(Buffer.from([1]), number),
        frame(Buffer.from([1]), Buffer.from('connection refused')),
      ];
      socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), ...frames]));
    });
    const { cluster } = await clusterAt(server.url, { timeout: '2s' });
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtException', note);
    const error = await failureOf(cluster.podPort(POD, ADMIN).request('/ready'));
    process.off('uncaughtException', note);
    expect(error.message).toContain('Cannot reach port 15000 of Pod shop/reviews: connection refused');
    expect(uncaught).toEqual([]);
  });
});

describe('a port-forward that is not answered', () => {
  it('ends with the cluster', async () => {
    const server = await serve(withDiscovery(() => ({ status: 404, json: {} })));
    let closed = false;
    const arrived = new Promise<void>((resolve) => {
      server.server.on('upgrade', (_, socket) => {
        socket.on('end', () => {
          closed = true;
        });
        socket.on('error', () => {});
        socket.resume();
        resolve();
      });
    });
    const { cluster } = await clusterAt(server.url, { timeout: '0' });
    const failing = failureOf(cluster.podPort(POD, ADMIN).request('/ready'));
    await arrived;
    await cluster.close();
    expect(await failing).toBeInstanceOf(Error);
    await expect.poll(() => closed).toBe(true);
  });
});

describe('an HTTP proxy', () => {
  it('is used for requests and for port-forwards', async () => {
    const { server } = await forwarding(await admin((_, response) => response.end('LIVE')));
    const tunnels: string[] = [];
    const proxy = createServer((_, response) => response.writeHead(405).end());
    servers.push(proxy);
    proxy.on('connect', (request, socket, head) => {
      tunnels.push(`${request.url} ${request.headers['proxy-authorization']}`);
      const { port } = new URL(server.url);
      const target = connectSocket(Number(port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        if (head.length > 0) target.write(head);
        target.pipe(socket).pipe(target);
      });
      target.on('error', () => socket.destroy());
      socket.on('error', () => target.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const { cluster } = await clusterAt('http://kubernetes.test:8080', {
      cluster: { 'proxy-url': `http://me:planted-pass@127.0.0.1:${port}` },
    });
    expect([...(await cluster.kinds()).keys()]).toContain('core/Pod');
    const basic = `Basic ${Buffer.from('me:planted-pass').toString('base64')}`;
    expect(tunnels).toEqual(expect.arrayContaining([`kubernetes.test:8080 ${basic}`]));
    const asked = tunnels.length;
    expect((await cluster.podPort(POD, ADMIN).request('/ready')).body).toBe('LIVE');
    expect(tunnels.length).toBeGreaterThan(asked);
  });
});
