import { afterEach, describe, expect, it } from 'vitest';
import { type Asked, all, closeAll, clusterAt, failureOf, serve, status, TOKEN, withDiscovery } from './api.ts';

afterEach(closeAll);

const POD = { kind: 'core/Pod', namespace: 'shop', name: 'reviews' } as const;
const pod = { metadata: { name: 'reviews', namespace: 'shop' } };

async function* lines(stream: AsyncIterable<string>): AsyncIterable<readonly string[]> {
  for await (const line of stream) yield [line];
}

describe('a request', () => {
  it('waits as long as a busy server asks', async () => {
    let calls = 0;
    const server = await serve(
      withDiscovery(() => (++calls < 3 ? { ...status(429, 'busy'), headers: { 'retry-after': '7' } } : { json: pod })),
    );
    const { cluster, host } = await clusterAt(server.url);
    const before = host.clock.now();
    expect((await cluster.get(POD))?.name).toBe('reviews');
    expect(host.clock.now() - before).toBeGreaterThanOrEqual(14_000);
    expect(host.clock.now() - before).toBeLessThan(14_000 * 1.25);
  });

  it('is tried four times, each time later, while the server fails', async () => {
    const server = await serve(withDiscovery(() => status(503, 'restarting')));
    const { cluster, host } = await clusterAt(server.url);
    const before = host.clock.now();
    const error = await failureOf(cluster.get(POD));
    expect(error.message).toContain('the server answered with 503: restarting');
    expect(server.asked.filter(({ path }) => path.endsWith('/reviews'))).toHaveLength(4);
    expect(host.clock.now() - before).toBeGreaterThanOrEqual(250 + 500 + 1000);
    expect(host.clock.now() - before).toBeLessThan((250 + 500 + 1000) * 1.25);
  });

  it('waits no longer than half a minute, and apart from others that failed with it', async () => {
    let calls = 0;
    const server = await serve(
      withDiscovery(() => (++calls <= 3 ? { ...status(429, 'busy'), headers: { 'retry-after': '3600' } } : { json: pod })),
    );
    const { cluster, host } = await clusterAt(server.url);
    await cluster.kinds();
    const slept: number[] = [];
    const { sleep } = host.clock;
    const noted = (ms: number, signal?: AbortSignal): Promise<void> => {
      slept.push(ms);
      return sleep(ms, signal);
    };
    Object.assign(host.clock, { sleep: noted });
    await Promise.all([cluster.get(POD), cluster.get(POD), cluster.get(POD)]);
    expect(new Set(slept).size).toBe(3);
    for (const ms of slept) expect(ms >= 30_000 && ms < 37_500).toBe(true);
  });

  it('that is no reading is not sent twice when nobody knows whether it arrived, unless it may be', async () => {
    const methods: string[] = [];
    const server = await serve(
      withDiscovery(({ method }, response) => {
        methods.push(method);
        response.destroy();
        return undefined;
      }),
    );
    const { cluster } = await clusterAt(server.url);
    await cluster.kinds();
    await failureOf(cluster.apply({ ...POD, body: { apiVersion: 'v1', kind: 'Pod', metadata: {} } }));
    // Server-side apply comes to the same, however often it is sent.
    expect(methods).toEqual(['PATCH', 'PATCH', 'PATCH', 'PATCH']);
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

  it('tells the uid and the extras that the kubeconfig says to act with', async () => {
    const server = await serve(withDiscovery(() => ({ json: pod })));
    const user = { token: TOKEN, as: 'ops', 'as-uid': '42', 'as-user-extra': { 'acme.com/project': ['a', 'b'] } };
    const { cluster } = await clusterAt(server.url, { user });
    await cluster.version();
    expect(server.asked[0]?.headers).toMatchObject({
      'impersonate-user': 'ops',
      'impersonate-uid': '42',
      'impersonate-extra-acme.com%2fproject': 'a, b',
    });
  });

  it('goes below the path of the server, as behind Rancher', async () => {
    const server = await serve((asked, response) =>
      asked.path.startsWith('/k8s/clusters/c-1/')
        ? withDiscovery(() => ({ json: pod }))({ ...asked, path: asked.path.slice('/k8s/clusters/c-1'.length) }, response)
        : status(404, 'elsewhere'),
    );
    const { cluster } = await clusterAt(`${server.url}/k8s/clusters/c-1/`);
    expect((await cluster.get(POD))?.name).toBe('reviews');
    expect(server.asked.at(-1)?.path).toBe('/k8s/clusters/c-1/api/v1/namespaces/shop/pods/reviews');
  });

  it('keeps what the kubeconfig says of impersonation, where no flag replaces it', async () => {
    const server = await serve(withDiscovery(() => ({ json: pod })));
    const user = { token: TOKEN, as: 'ops', 'as-groups': ['a'] };
    for (const flags of [{}, { as: 'dev' }, { asGroups: ['b'] }]) {
      const { cluster } = await clusterAt(server.url, { user, ...flags });
      await cluster.version();
    }
    expect(server.asked.map(({ headers }) => `${headers['impersonate-user']} ${headers['impersonate-group']}`)).toEqual([
      'ops a',
      'dev a',
      'ops b',
    ]);
    const error = await failureOf(clusterAt(server.url, { user: { token: TOKEN, 'as-groups': ['a'] } }));
    expect([error.exit, error.message]).toEqual([3, 'User "jane" of the kubeconfig acts as groups, but as no user.']);
  });

  it('is not sent on to where a server points', async () => {
    const elsewhere = await serve(() => ({ json: pod }));
    const location = `${elsewhere.url}/?token=${TOKEN}`;
    const server = await serve(withDiscovery(() => ({ status: 302, headers: { location }, json: pod })));
    const { cluster } = await clusterAt(server.url);
    const error = await failureOf(cluster.get(POD));
    expect(error.message).toContain('the server sends meshctl elsewhere (302)');
    expect(`${error.message}${error.hint}`).not.toContain(TOKEN);
    expect((await failureOf(all(lines(cluster.logs(POD))))).message).toContain('elsewhere (302)');
    expect(elsewhere.asked).toEqual([]);
  });

  it('is given up when its answer trickles, even a failure of a stream', async () => {
    const server = await serve(
      withDiscovery(({ path }, response) => {
        response.writeHead(path.endsWith('/log') ? 500 : 200);
        const timer = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(timer));
        return undefined;
      }),
    );
    const { cluster } = await clusterAt(server.url, { timeout: '100ms' });
    expect((await failureOf(cluster.get(POD))).code).toBe('E_CLUSTER_TIMEOUT');
    expect((await failureOf(all(lines(cluster.logs(POD))))).code).toBe('E_CLUSTER_TIMEOUT');
  });

  it('ends when the cluster is closed, and opens no connection any more', async () => {
    let asked: () => void = () => {};
    const arrived = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const server = await serve(
      withDiscovery(() => {
        asked();
        return new Promise(() => {});
      }),
    );
    const { cluster } = await clusterAt(server.url);
    const failing = failureOf(cluster.get(POD));
    await arrived;
    const before = server.asked.length;
    await cluster.close();
    expect((await failing).message).toBe('The cluster was closed.');
    expect((await failureOf(cluster.get(POD))).message).toBe('The cluster was closed.');
    expect(server.asked).toHaveLength(before);
  });

  it.each([
    ['..', 'shop'],
    ['', 'shop'],
    ['a/log', 'shop'],
    ['a%2Flog', 'shop'],
    ['a', '..'],
  ])('is never about more than one object: name "%s" in namespace "%s"', async (name, namespace) => {
    const server = await serve(withDiscovery(() => ({ json: {} })));
    const { cluster } = await clusterAt(server.url);
    await cluster.kinds();
    const before = server.asked.length;
    expect(await cluster.delete({ ...POD, namespace, name })).toBe(false);
    expect(await cluster.get({ ...POD, namespace, name })).toBeUndefined();
    const body = { apiVersion: 'v1', metadata: {} };
    expect((await failureOf(cluster.apply({ ...POD, namespace, name, body }))).message).toMatch(/^Nothing in a cluster can have the name/);
    expect((await failureOf(cluster.apply({ ...POD, body: { ...body, apiVersion: 'v1/../../version' } }))).exit).toBe(2);
    expect(server.asked).toHaveLength(before);
  });

  it('refuses groups without a user, and times that are none', async () => {
    expect((await failureOf(clusterAt('http://127.0.0.1:1', { asGroups: ['a'] }))).exit).toBe(2);
    expect((await failureOf(clusterAt('http://127.0.0.1:1', { timeout: 'soon' }))).message).toBe('"soon" is not a duration.');
  });
});

describe('discovery', () => {
  it('goes on for others when one who waits for it gives up', async () => {
    const discovery = withDiscovery(() => ({ json: pod }));
    const server = await serve(async (asked, response) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return discovery(asked, response);
    });
    const { cluster } = await clusterAt(server.url);
    const stop = new AbortController();
    const first = failureOf(cluster.kinds(stop.signal));
    const second = cluster.kinds();
    stop.abort(new Error('enough'));
    expect((await first).message).toBe('enough');
    expect((await second).size).toBe(2);
  });

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
