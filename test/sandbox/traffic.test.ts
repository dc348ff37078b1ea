import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/cluster/connect.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { Inside } from '../../src/sandbox/options.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import type { Application } from '../../src/sandbox/traffic/application.ts';
import type { Exchange } from '../../src/sandbox/traffic/exchange.ts';
import { serveApplication } from '../../src/sandbox/traffic/serve.ts';
import { startTraffic, type Traffic, type TrafficOptions } from '../../src/sandbox/traffic/traffic.ts';

const pod = (name: string, more: object = {}): object => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop', labels: { app: name } } },
  ...{ spec: { containers: [{ name: 'main', image: 'main' }] }, ...more },
});
const service = (name: string): object => ({
  ...{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' } },
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
});
const objects = [pod('web'), pod('stock'), service('web'), service('stock'), service('nobody')];

const call = (name: string, path = '/') => ({ namespace: 'shop', service: name, port: 80, method: 'GET', path });
const application: Application = {
  behaviours: [
    {
      namespace: 'shop',
      labels: { app: 'web' },
      operations: [
        { path: '/lost', latencyMs: 5, responseBytes: 10, calls: [call('nobody')], propagates: true },
        { method: 'GET', path: '/', latencyMs: 10, responseBytes: 3, calls: [call('stock', '/items')], body: 'web' },
      ],
    },
    {
      namespace: 'shop',
      labels: { app: 'stock' },
      operations: [{ path: '/items', latencyMs: 4, responseBytes: 20, failing: { share: 0.25, status: 503 } }],
    },
  ],
  clients: [{ from: { namespace: 'shop', labels: { app: 'web' } }, calls: [call('stock', '/items')], everyMs: 100 }],
};

interface World {
  readonly traffic: Traffic;
  readonly seen: Exchange[];
  readonly waiting: (() => void)[];
  readonly kubeconfig: string;
  readonly inside: Inside;
}

async function open(route?: TrafficOptions['route']): Promise<World> {
  const seen: Exchange[] = [];
  const waiting: (() => void)[] = [];
  const found: { traffic?: Traffic; inside?: Inside } = {};
  const sandbox = await startSandbox({
    objects,
    programs: (real) => {
      const after = (_delay: number, action: () => void): (() => void) => {
        waiting.push(action);
        return () => undefined;
      };
      const inside = { ...real, after };
      const traffic = startTraffic({ application, inside, ...(route ? { route } : {}) });
      traffic.subscribe((exchange) => seen.push(exchange));
      Object.assign(found, { traffic, inside });
      return { dial: serveApplication(traffic) };
    },
  });
  onTestFinished(() => sandbox.close());
  if (!found.traffic || !found.inside) throw new Error('no programs');
  return { traffic: found.traffic, inside: found.inside, seen, waiting, kubeconfig: sandbox.kubeconfig() };
}

const line = ({ source, service: to, targetPort, status, flags }: Exchange): string =>
  `${source?.metadata.name ?? 'outside'} ${to}:${targetPort} ${status} ${flags}`;

describe('traffic', () => {
  it('goes through the graph, and every hop is told', async () => {
    const { traffic, seen } = await open();
    expect(traffic.send(undefined, call('web'))).toMatchObject({ status: 200, body: 'web' });
    expect(seen.map(line)).toEqual(['web stock:8080 200 -', 'outside web:8080 200 -']);
    expect(seen[1]).toMatchObject({ method: 'GET', path: '/', authority: 'web:80', scheme: 'http', protocol: 'http1', responseBytes: 3 });
    expect(seen[1]?.durationMs).toBeGreaterThan(seen[0]?.durationMs ?? 0);
  });

  it('ends with 503 where no endpoint is ready, with 404 where nothing answers, and callers pass failures on', async () => {
    const { traffic, seen } = await open();
    expect(traffic.send(undefined, call('nobody')).status).toBe(503);
    expect(traffic.send(undefined, call('stock', '/other')).status).toBe(404);
    expect(traffic.send(undefined, call('web', '/lost')).status).toBe(500);
    expect(seen.map(line)).toEqual([
      'outside nobody:80 503 UH',
      'outside stock:8080 404 -',
      'web nobody:80 503 UH',
      'outside web:8080 500 -',
    ]);
    expect(seen[0]).toMatchObject({ destination: undefined, arrived: false });
  });

  it('fails a share of the requests, the same in every run', async () => {
    const statuses = async (): Promise<readonly number[]> => {
      const { traffic } = await open();
      return Array.from({ length: 400 }, () => traffic.send(undefined, call('stock', '/items')).status);
    };
    const first = await statuses();
    expect(await statuses()).toEqual(first);
    const failed = first.filter((status) => status === 503).length;
    expect(failed).toBeGreaterThan(70);
    expect(failed).toBeLessThan(130);
  });

  it('goes where the mesh says, or not at all', async () => {
    const { traffic, seen } = await open(({ call: asked, candidates: [first] }) =>
      asked.service === 'stock' && first
        ? { is: 'to', pod: first, upstream: 'stock/v2' }
        : { is: 'refused', status: 403, flags: '-', by: first, answered: true },
    );
    traffic.send(undefined, call('stock', '/items'));
    expect(traffic.send(undefined, call('web')).status).toBe(403);
    expect(seen.map(({ upstream, arrived }) => [upstream, arrived])).toEqual([
      ['stock/v2', true],
      [undefined, true],
    ]);
  });

  it('keeps coming from the clients, on the clock, until the sandbox closes', async () => {
    const { seen, waiting } = await open();
    for (let turn = 0; turn < 3; turn++) waiting.shift()?.();
    expect(seen.map(line)).toEqual(Array.from({ length: 3 }, () => expect.stringContaining('web stock:8080')));
    expect(waiting).toHaveLength(1);
  });

  it('answers real requests on a forwarded port', async () => {
    const { kubeconfig, seen } = await open();
    const cluster = await connect({ kubeconfig: '/kube' }, memoryHost({ files: { '/kube': kubeconfig } }));
    onTestFinished(() => cluster.close());
    const port = cluster.podPort({ kind: 'core/Pod', namespace: 'shop', name: 'web' }, 8080);
    expect(await port.request('/', { headers: { 'x-from': 'here' } })).toMatchObject({ status: 200, body: 'web' });
    expect((await port.request('/lost')).status).toBe(500);
    expect(seen.map(line)).toEqual([
      expect.stringContaining('web stock:8080'),
      'outside web:8080 200 -',
      'web nobody:80 503 UH',
      'outside web:8080 500 -',
    ]);
    expect(seen[1]?.headers).toMatchObject({ 'x-from': 'here' });
  });
});
