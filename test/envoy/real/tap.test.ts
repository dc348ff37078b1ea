/** Requests through a real Envoy with the tap filter, as tap shows them; and proxy-status of the same proxy. */
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, fetch, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.ts';
import { wrongListener } from '../configuration/listeners.ts';
import { meshctl, program, type Running, runWhole } from './running.ts';
import { pod, type Tapped, tapped as tapping } from './tapping.ts';

const BODY = 'SECRET-BODY-OF-THE-REQUEST';

describe.skipIf(program === '')('a real Envoy', () => {
  let running: Running;
  let sandbox: Sandbox;
  let address = '';

  beforeAll(async () => {
    running = await runWhole();
    sandbox = await startSandbox({
      objects: [pod('web', 'istio-proxy'), pod('cart', 'consul-dataplane')],
      podStartMs: 0,
      programs: () => ({
        dial: (_pod, port) => (port === 15_000 || port === 19_000 ? connect(running.envoy.port, '127.0.0.1') : undefined),
      }),
    });
    const { listener_statuses } = (await running.envoy.json('/listeners?format=json')) as {
      listener_statuses: { name: string; local_address: { socket_address: { port_value: number } } }[];
    };
    address = `http://127.0.0.1:${listener_statuses.find(({ name }) => name === 'tapped')?.local_address.socket_address.port_value}`;
  });

  afterAll(async () => {
    await sandbox?.close();
    await running?.close();
  });

  const tapped = async (args: readonly string[], send: () => Promise<unknown>): Promise<Tapped> => {
    const found = await tapping(sandbox, ['web', '--source', 'tap', ...args], send);
    expect(found.out).not.toContain(BODY);
    return found;
  };

  it('shows each of a thousand requests at once, none twice', async () => {
    const agent = new Agent({ connections: 50 });
    const send = (): Promise<unknown> =>
      Promise.all(
        Array.from({ length: 1000 }, async (_, index) => (await fetch(`${address}/many/${index}`, { dispatcher: agent })).text()),
      );
    const { events, err } = await tapped(['--limit', '1000', '--path', '/many/'], send);
    await agent.close();
    const paths = events.map(({ request: { path } }) => path);
    expect(new Set(paths).size).toBe(1000);
    expect(paths).toHaveLength(1000);
    expect(events.every(({ response }) => response?.status === 200 && (response.durationMs ?? -1) >= 0)).toBe(true);
    expect(err).toMatch(/1000 requests in .*100% successful/);
  });

  it('shows methods, statuses and headers, and neither bodies nor what is secret', async () => {
    const { events } = await tapped(['--limit', '2'], async () => {
      const headers = { authorization: 'Bearer SECRET', 'x-user': 'ann' };
      await (await fetch(`${address}/submit?token=SECRET`, { method: 'POST', body: BODY, headers })).text();
      await (await fetch(`${address}/fails`)).text();
    });
    expect(events[0]).toMatchObject({
      request: { method: 'POST', path: '/submit?token=[redacted]', headers: { authorization: '[redacted]', 'x-user': 'ann' } },
      response: { status: 200 },
    });
    expect(events[1]).toMatchObject({ request: { method: 'GET', path: '/fails' }, response: { status: 500 } });
    expect(JSON.stringify(events)).not.toContain('SECRET');
  });

  it('shows HTTP/2, and requests whose client goes away', async () => {
    const { events } = await tapped(['--path', '/h2'], async () => {
      const session = connectHttp2(address);
      await new Promise<void>((resolve, reject) => {
        const stream = session.request({ ':path': '/h2/get', 'grpc-timeout': '1S' });
        stream.on('end', resolve).on('error', reject).resume();
      });
      session.close();
      const leaving = new AbortController();
      const gone = request(`${address}/h2/gone`, { method: 'POST', signal: leaving.signal, body: Readable.from(endless()) }).catch(
        () => undefined,
      );
      await sleep(200);
      leaving.abort();
      await gone;
    });
    expect(events.map(({ request: { path } }) => path)).toEqual(expect.arrayContaining(['/h2/get', '/h2/gone']));
  });

  it('leaves out what the filters of the proxy do not let through', async () => {
    const { events } = await tapped(['--method', 'DELETE', '--limit', '1'], async () => {
      for (const method of ['GET', 'PUT', 'DELETE']) await (await fetch(`${address}/by-method`, { method })).text();
    });
    expect(events.map(({ request: { method } }) => method)).toEqual(['DELETE']);
  });

  it('is tapped by one at a time, which is told', async () => {
    let other = '';
    await tapped(['--limit', '1'], async () => {
      other = (await tapped([], async () => undefined)).err;
      await (await fetch(`${address}/one`)).text();
    });
    expect(other).toMatch(/An attached \/tap admin stream already exists/);
  });

  it('tells proxy-status how it fares, and what it refuses', async () => {
    const status = async (): Promise<{ readonly state: string; readonly reason?: string; readonly types: object }> => {
      const ran = await meshctl(['ps', '--mesh', 'consul', '-o', 'json'], { '/kube': sandbox.kubeconfig() }, running.keys);
      expect(ran.err).toBe('');
      return JSON.parse(ran.out).proxies[0];
    };
    expect(await status()).toMatchObject({ state: 'synced', types: { CDS: { state: 'synced' }, LDS: { state: 'synced' } } });
    running.envoy.push('listeners', '2', [wrongListener('wrong')]);
    await running.envoy.until('/stats?filter=listener_manager.lds.update_rejected', (body) => /update_rejected: [1-9]/.test(body));
    expect(await status()).toMatchObject({ state: 'error', reason: expect.stringMatching(/^It rejects LDS: .+/) });
  });
});

async function* endless(): AsyncGenerator<string> {
  for (let index = 0; index < 100; index++) {
    yield BODY;
    await sleep(50);
  }
}
