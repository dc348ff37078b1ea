/** The whole door against the sandbox: a real HTTPS server with real Kubernetes behaviour. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { type AddressInfo, createConnection } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/cluster/connect.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { all, failureOf } from './api.ts';

const PODS = 1200;

let sandbox: Sandbox;
let cluster: Cluster;

/** The admin port of pod web-1. */
const admin = createServer((asked, response) => response.end(`answer to ${asked.url}`));

beforeAll(async () => {
  await new Promise<void>((resolve) => admin.listen(0, '127.0.0.1', resolve));
  const pods = Array.from({ length: PODS }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `web-${index}`, namespace: 'shop', labels: { app: 'web', odd: `${index % 2 === 1}` } },
    spec: { containers: [{ name: 'web', image: 'web' }] },
  }));
  sandbox = await startSandbox({
    objects: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, ...pods],
    forbid: ({ resource, verb }) => resource === 'secrets' && verb === 'delete',
    programs: () => ({
      dial: (pod, port) =>
        pod.metadata.name === 'web-1' && port === 15000 ? createConnection((admin.address() as AddressInfo).port, '127.0.0.1') : undefined,
      logs: (pod, { container }) => `${pod.metadata.name} ${container}\nready\n`,
    }),
  });
  const host = memoryHost({ files: { '/kube': sandbox.kubeconfig() } });
  cluster = await connect({ kubeconfig: '/kube' }, host);
}, 30_000);

afterAll(async () => {
  await cluster.close();
  await sandbox.close();
  admin.closeAllConnections();
  admin.close();
});

const config = (name: string, data: object) =>
  ({
    kind: 'core/ConfigMap',
    namespace: 'shop',
    name,
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data },
  }) as const;

describe('a cluster', () => {
  it('tells its version and its kinds', async () => {
    expect((await cluster.version()).gitVersion).toMatch(/^v1\./);
    expect((await cluster.kinds()).get('apps/Deployment')).toMatchObject({
      apiVersion: 'apps/v1',
      plural: 'deployments',
      namespaced: true,
    });
  });

  it('lists in pages of 500, and by label', async () => {
    const sizes: number[] = [];
    for await (const page of cluster.list('core/Pod')) sizes.push(page.length);
    expect(sizes).toEqual([500, 500, PODS - 1000]);
    expect(await all(cluster.list('core/Pod', { namespace: 'shop', labelSelector: 'odd=true' }))).toHaveLength(PODS / 2);
  });

  it('lists everything once although the server forgets the pages in between', async () => {
    const names = new Set<string>();
    let count = 0;
    for await (const page of cluster.list('core/Pod')) {
      if (count === 0) sandbox.compact();
      count += page.length;
      for (const { name } of page) names.add(name);
    }
    expect([count, names.size]).toEqual([PODS, PODS]);
  });

  it('lists metadata only', async () => {
    const [pod] = await all(cluster.list('core/Pod', { metadataOnly: true, pageSize: 2000 }));
    expect(pod?.labels).toMatchObject({ app: 'web' });
    expect(Object.keys(pod?.body ?? {}).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
  });

  it('applies, tells whose fields are in the way, takes them over, and deletes', async () => {
    const applied = await cluster.apply(config('settings', { level: 'info' }));
    expect(applied.body['data']).toEqual({ level: 'info' });
    const dry = await cluster.apply(config('settings', { level: 'debug' }), { dryRun: true });
    expect(dry.body['data']).toEqual({ level: 'debug' });
    expect((await cluster.get({ kind: 'core/ConfigMap', namespace: 'shop', name: 'settings' }))?.body['data']).toEqual({ level: 'info' });

    const sent = request(`${sandbox.url}/api/v1/namespaces/shop/configmaps/settings?fieldManager=argocd&force=true`, {
      method: 'PATCH',
      agent: new Agent({ rejectUnauthorized: false }),
      headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/apply-patch+yaml' },
    });
    sent.end(JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { level: 'warn' } }));
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect(answer.resume().statusCode).toBe(200);
    const error = await failureOf(cluster.apply(config('settings', { level: 'debug' })));
    expect(error.code).toBe('E_CLUSTER_CONFLICT');
    expect(error.message).toContain(
      'Cannot patch ConfigMap shop/settings: other field managers own fields of it: "argocd" owns .data.level',
    );
    expect((await cluster.apply(config('settings', { level: 'debug' }), { force: true })).body['data']).toEqual({ level: 'debug' });
    expect(await cluster.delete({ kind: 'core/ConfigMap', namespace: 'shop', name: 'settings' })).toBe(true);
    expect(await cluster.delete({ kind: 'core/ConfigMap', namespace: 'shop', name: 'settings' })).toBe(false);
  });

  it('watches, over a gap in the history too', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { type, resource } of cluster.watch('core/ConfigMap', { namespace: 'shop', signal: stop.signal })) {
        seen.push(`${type} ${resource.name}`);
        if (seen.length === 3) stop.abort();
      }
    })();
    await expect.poll(() => sandbox.requests.get('watch configmaps') ?? 0, { timeout: 5000 }).toBeGreaterThan(0);
    await cluster.apply(config('watched', { a: '1' }));
    await cluster.apply(config('watched', { a: '2' }));
    await cluster.delete({ kind: 'core/ConfigMap', namespace: 'shop', name: 'watched' });
    await watching;
    expect(seen).toEqual(['added watched', 'modified watched', 'deleted watched']);
  });

  it('gives logs', async () => {
    const lines: string[] = [];
    for await (const line of cluster.logs({ kind: 'core/Pod', namespace: 'shop', name: 'web-1' }, { container: 'web' })) lines.push(line);
    expect(lines).toEqual(['web-1 web', 'ready']);
    const error = await failureOf(
      all(
        (async function* () {
          for await (const line of cluster.logs({ kind: 'core/Pod', namespace: 'shop', name: 'gone' })) yield [line];
        })(),
      ),
    );
    expect(error.message).toContain('the log of Pod shop/gone');
  });

  it('forwards ports, many requests over one connection', async () => {
    const port = cluster.podPort({ kind: 'core/Pod', namespace: 'shop', name: 'web-1' }, 15000);
    for (let index = 0; index < 10; index++) expect((await port.request(`/stats?${index}`)).body).toBe(`answer to /stats?${index}`);
    expect(sandbox.requests.get('create pods/portforward')).toBe(1);
    const error = await failureOf(cluster.podPort({ kind: 'core/Pod', namespace: 'shop', name: 'web-2' }, 15000).request('/'));
    expect(error.message).toContain('Cannot reach port 15000 of Pod shop/web-2');
    const gone = await failureOf(cluster.podPort({ kind: 'core/Pod', namespace: 'shop', name: 'gone' }, 15000).request('/'));
    expect(gone.message).toContain('the pod does not exist');
  });

  it('knows what it may do', async () => {
    expect(
      (
        await cluster.access([
          { verb: 'list', kind: 'core/Pod' },
          { verb: 'delete', kind: 'core/Secret', namespace: 'shop' },
        ])
      ).map(({ allowed }) => allowed),
    ).toEqual([true, false]);
  });
});
