import { afterEach, describe, expect, it } from 'vitest';
import { type Asked, all, closeAll, clusterAt, failureOf, serve, status, TOKEN, withDiscovery } from './api.ts';

afterEach(closeAll);

const POD = { kind: 'core/Pod', namespace: 'shop', name: 'reviews' } as const;
const pod = { metadata: { name: 'reviews', namespace: 'shop' } };

describe('a request', () => {
  it('waits as long as a busy server asks', async () => {
    let calls = 0;
    const server = await serve(
      withDiscovery(() => (++calls < 3 ? { ...status(429, 'busy'), headers: { 'retry-after': '7' } } : { json: pod })),
    );
    const { cluster, host } = await clusterAt(server.url);
    const before = host.clock.now();
    expect((await cluster.get(POD))?.name).toBe('reviews');
    expect(host.clock.now() - before).toBe(14_000);
  });

  it('is tried four times, each time later, while the server fails', async () => {
    const server = await serve(withDiscovery(() => status(503, 'restarting')));
    const { cluster, host } = await clusterAt(server.url);
    const before = host.clock.now();
    const error = await failureOf(cluster.get(POD));
    expect(error.message).toContain('the server answered with 503: restarting');
    expect(server.asked.filter(({ path }) => path.endsWith('/reviews'))).toHaveLength(4);
    expect(host.clock.now() - before).toBe(250 + 500 + 1000);
  });

  it('is tried again when the connection breaks off in the middle of the answer', async () => {
    let calls = 0;
    const server = await serve(
      withDiscovery((_, response) => {
        if (++calls > 1) return { json: pod };
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"metadata":');
        setTimeout(() => response.destroy(), 10);
        return undefined;
      }),
    );
    const { cluster } = await clusterAt(server.url);
    expect((await cluster.get(POD))?.name).toBe('reviews');
  });

  it('gives one error when the server dies for good', async () => {
    const server = await serve(withDiscovery(() => ({ json: pod })));
    const { cluster } = await clusterAt(server.url);
    await cluster.get(POD);
    await server.close();
    const error = await failureOf(cluster.get(POD));
    expect([error.code, error.exit]).toEqual(['E_CLUSTER_UNREACHABLE', 3]);
    expect(error.message).toContain('Cannot get Pod shop/reviews');
  });

  it('ends at once with the signal, while asking and while waiting', async () => {
    const stop = new AbortController();
    const server = await serve(withDiscovery(() => new Promise(() => {})));
    const { cluster } = await clusterAt(server.url);
    await cluster.kinds();
    const asking = failureOf(cluster.get(POD, stop.signal));
    setTimeout(() => stop.abort(new Error('enough')), 20);
    expect((await asking).message).toBe('enough');
  });

  it('shares connections', async () => {
    let sockets = 0;
    const server = await serve(withDiscovery(() => ({ json: pod })));
    server.server.on('connection', () => sockets++);
    const { cluster } = await clusterAt(server.url);
    await cluster.kinds();
    for (let index = 0; index < 10; index++) await cluster.get(POD);
    expect(sockets).toBeLessThanOrEqual(2);
  });

  it('acts as somebody else when told to', async () => {
    const server = await serve(withDiscovery(() => ({ json: pod })));
    const { cluster } = await clusterAt(server.url, { as: 'ops', asGroups: ['a', 'b'] });
    await cluster.get(POD);
    const { headers } = server.asked.at(-1) ?? { headers: {} as Asked['headers'] };
    expect([headers['impersonate-user'], headers['impersonate-group'], headers['authorization']]).toEqual([
      'ops',
      'a, b',
      `Bearer ${TOKEN}`,
    ]);
  });

  it('refuses groups without a user, and times that are none', async () => {
    expect((await failureOf(clusterAt('http://127.0.0.1:1', { asGroups: ['a'] }))).exit).toBe(2);
    expect((await failureOf(clusterAt('http://127.0.0.1:1', { timeout: 'soon' }))).message).toBe('"soon" is not a duration.');
  });
});

describe('discovery', () => {
  it('asks each group version where the server does not aggregate, and does without those that are down', async () => {
    const lists: Record<string, object> = {
      '/api': { kind: 'APIVersions', versions: ['v1'] },
      '/apis': {
        kind: 'APIGroupList',
        groups: [
          {
            name: 'apps',
            versions: [{ groupVersion: 'apps/v1beta1' }, { groupVersion: 'apps/v1' }],
            preferredVersion: { groupVersion: 'apps/v1' },
          },
          {
            name: 'metrics.k8s.io',
            versions: [{ groupVersion: 'metrics.k8s.io/v1' }],
            preferredVersion: { groupVersion: 'metrics.k8s.io/v1' },
          },
        ],
      },
      '/api/v1': {
        groupVersion: 'v1',
        resources: [
          { name: 'pods', kind: 'Pod', namespaced: true, verbs: ['list'] },
          { name: 'pods/log', kind: 'Pod' },
        ],
      },
      '/apis/apps/v1': {
        groupVersion: 'apps/v1',
        resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['list'] }],
      },
      '/apis/apps/v1beta1': {
        groupVersion: 'apps/v1beta1',
        resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true, verbs: [] }],
      },
    };
    const server = await serve(({ path }) => (lists[path] ? { json: lists[path] } : status(503, 'the backend is down')));
    const { cluster } = await clusterAt(server.url);
    const kinds = await cluster.kinds();
    expect([...kinds.keys()].sort()).toEqual(['apps/Deployment', 'core/Pod']);
    expect(kinds.get('apps/Deployment')).toEqual({
      kind: 'apps/Deployment',
      apiVersion: 'apps/v1',
      plural: 'deployments',
      namespaced: true,
      verbs: ['list'],
    });
    expect(server.asked).toHaveLength(6);
    await cluster.kinds();
    expect(server.asked).toHaveLength(6);
  });

  it('takes two requests where the server aggregates', async () => {
    const server = await serve(withDiscovery(() => ({ json: { items: [] } })));
    const { cluster } = await clusterAt(server.url);
    await Promise.all([cluster.kinds(), all(cluster.list('core/Pod')), all(cluster.list('networking.istio.io/VirtualService'))]);
    expect(server.asked.filter(({ path }) => /^\/apis?$/.test(path))).toHaveLength(2);
  });
});
