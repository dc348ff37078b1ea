/** What comes in pieces: JSON of Envoy's admin tap, frames of Linkerd's tap API. */
import { describe, expect, it } from 'vitest';
import { JsonStream } from '../../src/envoy/json-stream.ts';
import { tapTrace } from '../../src/envoy/tap-trace.ts';
import { Frames } from '../../src/mesh/linkerd/frames.ts';
import { TapBuffer } from '../../src/tap/buffer.ts';

describe('JSON objects behind each other', () => {
  const text = '{"a": {"b": "}{\\"\\\\"}}\n{"c": [1, {"d": 2}]}\n\n{"e": "{"}';

  it('are found whatever the pieces', () => {
    for (let size = 1; size <= text.length; size++) {
      const stream = new JsonStream();
      const found: unknown[] = [];
      for (let at = 0; at < text.length; at += size) found.push(...stream.push(text.slice(at, at + size)));
      expect(found, `pieces of ${size}`).toEqual([{ a: { b: '}{"\\' } }, { c: [1, { d: 2 }] }, { e: '{' }]);
    }
  });

  it('that are broken or endless are passed over', () => {
    const stream = new JsonStream();
    expect(stream.push('{nonsense}{"a":1}')).toEqual([{ a: 1 }]);
    expect(stream.push(`{"x": "${'y'.repeat(3_000_000)}`)).toEqual([]);
    expect(stream.push('"}{"b":2}')).toEqual([{ b: 2 }]);
  });
});

describe('a trace of the tap filter', () => {
  it('tells of the request without what it holds', () => {
    const header = (key: string, value: string): object => ({ key, value });
    const trace = tapTrace({
      http_buffered_trace: {
        request: {
          headers: [
            header(':method', 'POST'),
            header(':path', '/a'),
            header(':authority', 'web.shop'),
            { key: 'X-Bin', raw_value: 'YWI=' },
            header('x-forwarded-client-cert', 'By=spiffe://b;URI=spiffe://first,By=spiffe://b;Hash=1;URI=spiffe://last'),
          ],
          headers_received_time: '2026-11-21T10:00:00.000Z',
          body: { as_string: 'secret' },
        },
        response: {
          headers: [header(':status', '200'), header('content-length', '12')],
          trailers: [header('grpc-status', '7')],
          headers_received_time: '2026-11-21T10:00:00.025Z',
        },
        downstream_connection: {
          local_address: { socket_address: { address: '10.0.0.7', port_value: 8080 } },
          remote_address: { socket_address: { address: '10.0.0.5', port_value: 4000 } },
        },
      },
    });
    expect(trace).toMatchObject({
      request: { method: 'POST', path: '/a', authority: 'web.shop' },
      response: { status: 200, grpcStatus: 7, durationMs: 25, bytes: 12 },
      ...{ local: { address: '10.0.0.7', port: 8080 }, remote: { address: '10.0.0.5', port: 4000 }, identity: 'spiffe://last' },
    });
    expect(trace?.request.headers).toMatchObject({ 'x-bin': 'ab' });
    expect(JSON.stringify(trace)).not.toContain('secret');
  });

  it('without an answer has no response, and takes its duration from the upstream where no times are recorded', () => {
    expect(tapTrace({ http_buffered_trace: { request: { headers: [] } } })?.response).toBeUndefined();
    const headers = [
      { key: ':status', value: '204' },
      { key: 'x-envoy-upstream-service-time', value: '9' },
    ];
    expect(tapTrace({ http_buffered_trace: { request: {}, response: { headers } } })?.response).toMatchObject({
      status: 204,
      durationMs: 9,
    });
    expect(tapTrace({ socket_buffered_trace: {} })).toBeUndefined();
  });
});

describe('frames', () => {
  const framed = (...messages: readonly string[]): Buffer =>
    Buffer.concat(
      messages.map((message) => {
        const head = Buffer.alloc(4);
        head.writeUInt32LE(message.length);
        return Buffer.concat([head, Buffer.from(message)]);
      }),
    );

  it('are found whatever the pieces', () => {
    const bytes = framed('one', '', 'three');
    for (let size = 1; size <= bytes.length; size++) {
      const frames = new Frames();
      const found: string[] = [];
      for (let at = 0; at < bytes.length; at += size)
        for (const frame of frames.push(bytes.subarray(at, at + size))) found.push(Buffer.from(frame).toString());
      expect(found).toEqual(['one', '', 'three']);
    }
  });

  it('that are too long are none', () => {
    expect(() => new Frames().push(Buffer.from([255, 255, 255, 255]))).toThrow(/more than any/);
  });
});

describe('the buffer', () => {
  it('loses what finds no room, and counts it', async () => {
    const buffer = new TapBuffer<number>(3);
    for (let number = 0; number < 10; number++) buffer.push(number);
    buffer.end();
    buffer.push(99);
    const read: (readonly number[])[] = [];
    for await (const batch of buffer.batches()) read.push(batch);
    expect(read).toEqual([[0, 1, 2]]);
    expect(buffer.dropped).toBe(7);
  });

  it('keeps those waiting who can wait, and loses nothing of theirs', async () => {
    const buffer = new TapBuffer<number>(3);
    const pushing = (async () => {
      for (let number = 0; number < 10; number++) await buffer.pushWhenRoom(number);
      buffer.end();
    })();
    const read: number[] = [];
    for await (const batch of buffer.batches()) {
      expect(batch.length).toBeLessThanOrEqual(3);
      read.push(...batch);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await pushing;
    expect(read).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(buffer.dropped).toBe(0);
  });

  it('lets them go when it ends', async () => {
    const buffer = new TapBuffer<number>(1);
    buffer.push(1);
    const waiting = buffer.pushWhenRoom(2);
    buffer.end();
    await waiting;
  });

  it('gives what comes later, in batches', async () => {
    const buffer = new TapBuffer<number>(10);
    const read: (readonly number[])[] = [];
    const reading = (async () => {
      for await (const batch of buffer.batches()) read.push(batch);
    })();
    buffer.push(1);
    buffer.push(2);
    await new Promise((resolve) => setTimeout(resolve, 5));
    buffer.push(3);
    buffer.end();
    await reading;
    expect(read).toEqual([[1, 2], [3]]);
  });
});
