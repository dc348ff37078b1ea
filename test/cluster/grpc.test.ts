import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { MeshctlError } from '../../src/errors.ts';
import type { GrpcRequest, PodPort } from '../../src/model/cluster.ts';
import { closeAll, failureOf } from './api.ts';
import { ADMIN, type Forwards, forwarding, POD } from './forwarding.ts';
import { answer, answerRaw, authority, type Called, certificateBy, grpcServer, HEAD } from './grpc-server.ts';

afterEach(closeAll);

const METHOD = 'shop.Reviews/Get';
const ASK = Buffer.from('ask');

async function textsOf(messages: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const message of messages) found.push(Buffer.from(message).toString());
  return found;
}

const call = (port: PodPort, request?: GrpcRequest): Promise<readonly string[]> => textsOf(port.call(METHOD, ASK, request));
const failing = (port: PodPort, request?: GrpcRequest): Promise<MeshctlError> => failureOf(call(port, request));

async function portTo(handle: (called: Called) => void, certificate?: ReturnType<typeof authority>, timeout?: string) {
  const server = await grpcServer(handle, certificate);
  const { cluster, forwards } = await forwarding(server.port, timeout);
  return { port: cluster.podPort(POD, ADMIN), cluster, forwards, server };
}

/** A server that knows nothing of HTTP/2. */
async function rawPort(handle: Parameters<typeof createServer>[1]): Promise<PodPort> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    handle?.(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (await forwarding((server.address() as AddressInfo).port)).cluster.podPort(POD, ADMIN);
}

describe('a call', () => {
  it('sends one message and gives the answers', async () => {
    const { port } = await portTo(async ({ stream, headers, message }) => {
      const said = `${headers[':method']} ${headers[':path']} ${headers['content-type']} ${headers['te']} ${headers['grpc-timeout']}`;
      answer(stream, [said, await message(), String(headers['authorization'])]);
    });
    expect(await call(port, { metadata: { authorization: 'Bearer x' } })).toEqual([
      'POST /shop.Reviews/Get application/grpc trailers 2000m',
      'ask',
      'Bearer x',
    ]);
    expect(await call(port)).toHaveLength(3);
  });

  it('shares one connection with others, one after the other and at once', async () => {
    const { port, forwards } = await portTo(async ({ stream, message }) => {
      const text = await message();
      setTimeout(() => answer(stream, [text]), 5);
    });
    const asked = Array.from({ length: 30 }, (_, index) => String(index));
    expect(await call(port)).toEqual(['ask']);
    const answers = await Promise.all(asked.map((text) => textsOf(port.call(METHOD, Buffer.from(text)))));
    expect(answers.flat()).toEqual(asked);
    expect(forwards.opened).toBe(1);
  });

  it('takes messages of many frames and of many megabytes, in both directions', async () => {
    // How long it takes is the machine's matter.
    const { port } = await portTo(async ({ stream, message }) => answer(stream, [await message(), 'end']), undefined, '30s');
    const big = Buffer.alloc(5_000_000, 'x');
    const [first, last] = await textsOf(port.call(METHOD, big));
    expect([first?.length, last]).toEqual([5_000_000, 'end']);
  });

  it('takes messages that are split anywhere', async () => {
    const { port } = await portTo(({ stream }) => {
      stream.respond(HEAD, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      const bytes = Buffer.from([0, 0, 0, 0, 3, 97, 98, 99, 0, 0, 0, 0, 1, 100]);
      const write = (at: number): void => {
        if (at >= bytes.length) return void stream.end();
        stream.write(bytes.subarray(at, at + 1), () => setImmediate(write, at + 1));
      };
      write(0);
    });
    expect(await call(port)).toEqual(['abc', 'd']);
  });

  it('reads no faster than its reader', async () => {
    let written = 0;
    const { port } = await portTo(({ stream }) => {
      stream.respond(HEAD);
      const message = Buffer.concat([Buffer.from([0, 0, 1, 0, 0]), Buffer.alloc(65_536)]);
      const write = (): void => {
        if (stream.destroyed) return;
        written += message.length;
        if (stream.write(message)) setImmediate(write);
        else stream.once('drain', write);
      };
      write();
    });
    const messages = port.call(METHOD, ASK, { kind: 'stream' })[Symbol.asyncIterator]();
    await messages.next();
    let before = -1;
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
    expect(written).toBeLessThan(20_000_000);
    const stood = written;
    for (let index = 0; index < 40; index++) await messages.next();
    await expect.poll(() => written).toBeGreaterThan(stood);
    await messages.return?.();
  });
});

describe('a status', () => {
  it.each([
    ['16', 'authentication failure', 'E_GRPC_UNAUTHENTICATED', 'UNAUTHENTICATED: authentication failure (context'],
    ['5', 'no%20such%0Apod%20%F0%9F%98%80', 'E_GRPC_NOT_FOUND', 'NOT_FOUND: no such pod 😀 (context'],
    ['12', '', 'E_GRPC_UNIMPLEMENTED', 'it answered with UNIMPLEMENTED (context'],
    ['14', '100%', 'E_GRPC_UNAVAILABLE', 'UNAVAILABLE: 100% (context'],
    ['99', 'odd', 'E_GRPC_UNKNOWN', 'UNKNOWN: odd (context'],
  ])('%s is an error with its name, in trailers and in trailers alone', async (code, said, wanted, words) => {
    const status = { 'grpc-status': code, 'grpc-message': said };
    let alone = false;
    const { port } = await portTo(({ stream }) => {
      if (alone) stream.respond({ ...HEAD, ...status }, { endStream: true });
      else answer(stream, [], status);
    });
    const inTrailers = await failing(port);
    alone = true;
    const inHead = await failing(port);
    for (const error of [inTrailers, inHead]) {
      expect([error.code, error.exit]).toEqual([wanted, 3]);
      expect(error.message).toContain(`Cannot call shop.Reviews/Get at port 15000 of Pod shop/reviews: ${words}`);
    }
  });

  it('may come after answers', async () => {
    const { port } = await portTo(({ stream }) => answer(stream, ['one'], { 'grpc-status': '8', 'grpc-message': 'full' }));
    const messages = port.call(METHOD, ASK)[Symbol.asyncIterator]();
    expect(Buffer.from((await messages.next()).value ?? []).toString()).toBe('one');
    expect((await failureOf(messages.next())).code).toBe('E_GRPC_RESOURCE_EXHAUSTED');
  });

  it('counts also when the server closes the call at once', async () => {
    const { port } = await portTo(({ stream }) => {
      stream.respond(HEAD, { waitForTrailers: true });
      stream.once('wantTrailers', () => {
        stream.sendTrailers({ 'grpc-status': '7', 'grpc-message': 'not you' });
        setImmediate(() => stream.close(0));
      });
      stream.end();
    });
    expect((await failing(port, { kind: 'conversation' })).code).toBe('E_GRPC_PERMISSION_DENIED');
  });

  it('never shows what was sent as metadata', async () => {
    const { port } = await portTo(({ stream, headers }) => {
      const message = encodeURIComponent(`bad ${headers['authorization']} and ${String(headers['authorization']).slice(7)}`);
      answer(stream, [], { 'grpc-status': '16', 'grpc-message': message });
    });
    const error = await failing(port, { metadata: { authorization: 'Bearer planted-token' } });
    expect(error.message).toContain('UNAUTHENTICATED: bad [redacted] and [redacted]');
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('planted');
  });
});

describe('what is no answer', () => {
  it.each([
    ['no status', ({ stream }: Called) => answer(stream, ['x'], {}), 'the answer is cut off'],
    ['half a message', ({ stream }: Called) => answerRaw(stream, HEAD, Buffer.from([0, 0, 0, 0, 9, 1])), 'the answer is cut off'],
    [
      'a web page',
      ({ stream }: Called) => answerRaw(stream, { ':status': 404, 'content-type': 'text/html' }, '<html>'),
      'it answered with 404',
    ],
    [
      'JSON',
      ({ stream }: Called) => answerRaw(stream, { ':status': 200, 'content-type': 'application/json' }, '{}'),
      'what listens there speaks no gRPC',
    ],
    [
      'a compressed message',
      ({ stream }: Called) => answerRaw(stream, HEAD, Buffer.from([1, 0, 0, 0, 0])),
      'the answer is compressed, which nobody asked for',
    ],
  ])('is refused: %s', async (_, handle, words) => {
    const { port } = await portTo(handle);
    const error = await failing(port);
    expect([error.code, error.exit]).toEqual(['E_POD_PORT', 3]);
    expect(error.message).toContain(`Cannot call shop.Reviews/Get at port 15000 of Pod shop/reviews: ${words} (context`);
  });

  it('is refused when it is too large, and the connection goes on', async () => {
    const { port, forwards } = await portTo(({ stream }) => answer(stream, ['x'.repeat(2000)]));
    expect((await failing(port, { largest: 1999 })).message).toContain('the answer has 2000 bytes, and at most 1999 are taken');
    expect(await call(port, { largest: 2000 })).toHaveLength(1);
    expect(forwards.opened).toBe(1);
  });

  it('is told of servers that speak HTTP/1, or nothing known', async () => {
    for (const words of ['HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n', 'SSH-2.0-OpenSSH_9.6\r\n']) {
      const port = await rawPort((socket) => void socket.once('data', () => socket.write(words)));
      const error = await failing(port);
      expect([error.code, error.message]).toEqual(['E_POD_PORT', expect.stringContaining('what listens there speaks no HTTP/2 (context')]);
    }
  });

  it('is told of ports where nothing listens', async () => {
    const { cluster } = await forwarding(undefined);
    const error = await failing(cluster.podPort(POD, ADMIN));
    expect(error.code).toBe('E_POD_PORT');
    expect(error.message).toContain('Cannot reach port 15000 of Pod shop/reviews: error forwarding port 15000 to pod: connection refused');
    const absent = await failing(cluster.podPort({ ...POD, name: 'gone' }, ADMIN));
    expect(absent.message).toContain('the pod does not exist');
  });
});

describe('a connection', () => {
  const kill = ({ sockets }: Forwards): void => {
    for (const socket of sockets) socket.terminate();
  };

  it('that died between two calls is replaced', async () => {
    const { port, forwards } = await portTo(({ stream }) => answer(stream, ['x']));
    await call(port);
    kill(forwards);
    expect(await call(port)).toEqual(['x']);
    expect(forwards.opened).toBe(2);
  });

  it('that the server wants to be rid of is replaced, and calls that it has taken end well', async () => {
    const { port, forwards, server } = await portTo(({ stream, headers }) => {
      if (headers['x-slow'] === undefined) return answer(stream, ['x']);
      stream.session?.goaway();
      setTimeout(() => answer(stream, ['slow']), 50);
    });
    const slow = call(port, { metadata: { 'x-slow': '1' } });
    await expect.poll(() => server.sessions.size).toBe(1);
    expect(await slow).toEqual(['slow']);
    expect(await call(port)).toEqual(['x']);
    expect(forwards.opened).toBe(2);
  });

  it('that dies in the middle of an answer is an error, and the next call has a new one', async () => {
    let dying = true;
    const { port, forwards } = await portTo(({ stream }) => {
      if (!dying) return answer(stream, ['x']);
      stream.respond(HEAD);
      stream.write(Buffer.from([0, 0, 0, 0, 1, 97]));
      setTimeout(() => kill(forwards), 20);
    });
    const messages = port.call(METHOD, ASK)[Symbol.asyncIterator]();
    await messages.next();
    const error = await failureOf(messages.next());
    expect([error.code, error.message]).toEqual(['E_CLUSTER_UNREACHABLE', expect.stringContaining('the connection was lost')]);
    dying = false;
    expect(await call(port)).toEqual(['x']);
  });

  it('ends with the cluster, and so do its calls', async () => {
    const { port, cluster, forwards, server } = await portTo(() => {});
    const waiting = failing(port);
    await expect.poll(() => server.sessions.size).toBe(1);
    await cluster.close();
    expect(await waiting).toBeInstanceOf(Error);
    await expect.poll(() => server.sessions.size).toBe(0);
    await expect.poll(() => [...forwards.sockets].every((socket) => socket.readyState === socket.CLOSED)).toBe(true);
  });
});

describe('time', () => {
  it('is limited, and a call that takes too long leaves the others alone', async () => {
    let cancelled = 0;
    const { port } = await portTo(({ stream, headers }) => {
      if (headers['x-hang'] === undefined) return void setTimeout(() => answer(stream, ['x']), 100);
      stream.once('close', () => cancelled++);
    });
    const hanging = failing(port, { metadata: { 'x-hang': '1' } });
    expect(await call(port)).toEqual(['x']);
    const error = await hanging;
    expect([error.code, error.message]).toEqual(['E_CLUSTER_TIMEOUT', expect.stringContaining('no answer within 2 s')]);
    await expect.poll(() => cancelled).toBe(1);
    expect(await call(port)).toEqual(['x']);
  });

  it('is limited for the handshake too', async () => {
    const port = await rawPort(() => {});
    const tls = { ca: authority().certificatePem, names: ['a'] as const };
    expect((await failing(port, { tls: { ...tls, names: ['a'] } })).code).toBe('E_CLUSTER_TIMEOUT');
  });

  it('is limited for the first message only when there are many', async () => {
    const { port } = await portTo(({ stream }) => {
      stream.respond(HEAD, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.write(Buffer.from([0, 0, 0, 0, 1, 97]));
      setTimeout(() => stream.end(Buffer.from([0, 0, 0, 0, 1, 98])), 2500);
    });
    expect(await call(port, { kind: 'stream' })).toEqual(['a', 'b']);
    const silent = await portTo(({ stream }) => stream.respond(HEAD));
    expect((await failing(silent.port, { kind: 'stream' })).code).toBe('E_CLUSTER_TIMEOUT');
  });
});

describe('a signal', () => {
  it('ends a call with its reason, and a stream without', async () => {
    let open = 0;
    const { port, forwards } = await portTo(({ stream, headers }) => {
      open++;
      stream.once('close', () => open--);
      if (headers['x-say'] === undefined) return;
      stream.respond(HEAD);
      stream.write(Buffer.from([0, 0, 0, 0, 1, 97]));
    });
    const stop = new AbortController();
    const reason = new Error('enough');
    const single = failureOf(call(port, { signal: stop.signal }));
    const stream = call(port, { kind: 'stream', metadata: { 'x-say': '1' }, signal: stop.signal });
    const silent = call(port, { kind: 'conversation', signal: stop.signal });
    await expect.poll(() => open).toBe(3);
    stop.abort(reason);
    expect(await single).toBe(reason);
    expect(await stream).toEqual(['a']);
    expect(await silent).toEqual([]);
    await expect.poll(() => open).toBe(0);
    expect(await failureOf(call(port, { signal: stop.signal }))).toBe(reason);
    expect(forwards.opened).toBe(1);
  });

  it('is not needed when the reader goes', async () => {
    let open = 0;
    const { port } = await portTo(({ stream }) => {
      open++;
      stream.once('close', () => open--);
      stream.respond(HEAD);
      stream.write(Buffer.from([0, 0, 0, 0, 1, 97]));
    });
    for await (const _ of port.call(METHOD, ASK, { kind: 'conversation' })) break;
    await expect.poll(() => open).toBe(0);
  });
});

describe('TLS', () => {
  const own = authority();
  const echo = ({ stream }: Called): void => answer(stream, ['secret']);
  const trusting = (...names: readonly [string, ...string[]]): GrpcRequest => ({ tls: { ca: own.certificatePem, names } });
  const sending = { metadata: { authorization: 'Bearer planted' } };

  it('is spoken with whoever is signed for, under one of the names', async () => {
    const { port, forwards } = await portTo(
      ({ stream, headers }) => answer(stream, [`${headers[':scheme']} ${headers[':authority']}`]),
      certificateBy(own, ['istiod.istio-system.svc']),
    );
    expect(await call(port, trusting('istiod-canary.istio-system.svc', 'istiod.istio-system.svc'))).toEqual([
      'https istiod-canary.istio-system.svc',
    ]);
    expect(await call(port, trusting('istiod-canary.istio-system.svc', 'istiod.istio-system.svc'))).toHaveLength(1);
    expect(forwards.opened).toBe(1);
  });

  it.each([
    ['another name', () => certificateBy(own, ['other.istio-system.svc']), 'is for another name'],
    ['another authority', () => certificateBy(authority(), ['istiod']), 'is signed by an authority that is not known'],
    ['an expired certificate', () => certificateBy(own, ['istiod'], Date.now() - 3_600_000), 'has expired'],
    ['a certificate for signing others', () => authority(), 'unsuitable certificate purpose'],
  ])('is broken off for %s, before anything is sent', async (_, certificate, words) => {
    let called = 0;
    const { port } = await portTo(() => called++, certificate());
    const error = await failing(port, { ...trusting('istiod'), ...sending });
    expect([error.code, error.exit]).toEqual(['E_POD_TLS', 3]);
    expect(error.message).toMatch(/^Cannot trust port 15000 of Pod shop\/reviews: /);
    expect(error.message).toContain(words);
    expect(error.hint).toContain('It must prove to be istiod.');
    expect(called).toBe(0);
  });

  it('is verified whatever the environment says', async () => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    onTestFinished(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    });
    const { port } = await portTo(echo, certificateBy(authority(), ['istiod']));
    expect((await failing(port, trusting('istiod'))).code).toBe('E_POD_TLS');
  });

  it('is not spoken by servers of plain text, and plain text not by those of TLS', async () => {
    const plain = await portTo(echo);
    expect((await failing(plain.port, trusting('istiod'))).code).toBe('E_POD_TLS');
    const secure = await portTo(echo, certificateBy(own, ['istiod']));
    expect((await failing(secure.port)).exit).toBe(3);
    expect(await call(secure.port, trusting('istiod'))).toEqual(['secret']);
  });

  it('has a connection of its own beside plain text and other authorities', async () => {
    const { port, forwards } = await portTo(echo, certificateBy(own, ['istiod']));
    await call(port, trusting('istiod'));
    expect((await failing(port, { tls: { ca: authority().certificatePem, names: ['istiod'] } })).code).toBe('E_POD_TLS');
    await call(port, trusting('istiod'));
    expect(forwards.opened).toBe(2);
  });
});
