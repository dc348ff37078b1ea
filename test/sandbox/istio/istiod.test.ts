/** What istiod of the sandbox says on its ports. */
import { describe, expect, it } from 'vitest';
import { at, stringAt } from '../../../src/model/body.ts';
import { nack } from '../../../src/sandbox/scenarios/nack.ts';
import { staleProxy } from '../../../src/sandbox/scenarios/stale-proxy.ts';
import { type Mesh, openMesh } from './mesh.ts';

const ask = ({ port }: Mesh, path: string, number = 15_014) => port('istiod', number, 'istio-system').request(path);
const json = async (mesh: Mesh, path: string): Promise<unknown> => JSON.parse((await ask(mesh, path)).body);

const CLUSTER = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';

const synced = async (mesh: Mesh, query = ''): Promise<Readonly<Record<string, boolean>>> => {
  const list = (await json(mesh, `/debug/syncz${query}`)) as readonly object[];
  return Object.fromEntries(
    list.map((entry) => {
      const types = Object.values(at(entry, ['resources']) as object).filter((type) => 'sent' in type);
      return [(stringAt(entry, 'proxy') ?? '').replace(/-\w+-\w{5}\./, '.'), types.every(({ sent, acked }) => sent === acked)];
    }),
  );
};

describe('istiod', () => {
  it('tells its version, that it is ready, and what it counts', async () => {
    const mesh = await openMesh();
    expect((await ask(mesh, '/version')).body).toMatch(/^1\.30\.0-/);
    expect((await ask(mesh, '/ready', 8080)).status).toBe(200);
    expect((await ask(mesh, '/version', 8080)).status).toBe(404);
    expect((await ask(mesh, '/metrics')).body).toContain('pilot_xds{version="1.30.0"} 7\n');
    expect((await ask(mesh, '/nothing')).status).toBe(404);
  });

  it('knows of every proxy that it is in sync, and by namespace', async () => {
    const mesh = await openMesh();
    expect(await synced(mesh)).toEqual({
      'details-v1.bookinfo': true,
      'productpage-v1.bookinfo': true,
      'ratings-v1.bookinfo': true,
      'reviews-v1.bookinfo': true,
      'reviews-v2.bookinfo': true,
      'reviews-v3.bookinfo': true,
      'istio-ingressgateway.istio-system': true,
    });
    expect(Object.keys(await synced(mesh, '?namespace=istio-system'))).toEqual(['istio-ingressgateway.istio-system']);
    expect(at(await json(mesh, '/debug/adsz'), ['totalClients'])).toBe(7);
    expect(at(await json(mesh, '/debug/connections'), ['clients', 0, 'connectionId'])).toMatch(/^details-v1-.*\.bookinfo-1$/);
  });

  it('gives every debug page that it lists', async () => {
    const mesh = await openMesh();
    const proxy = `${mesh.pod('reviews-v1').metadata.name}.bookinfo`;
    const pages = (await json(mesh, '/debug/list')) as readonly string[];
    expect(pages.length).toBeGreaterThan(10);
    for (const page of pages) expect([page, (await ask(mesh, `/debug/${page}?proxyID=${proxy}`)).status]).toEqual([page, 200]);
    expect((await ask(mesh, '/debug/config_dump?proxyID=other.bookinfo')).status).toBe(404);
    expect((await ask(mesh, '/debug/config_dump')).status).toBe(400);
    expect((await ask(mesh, `/debug/config_dump?proxyID=${proxy.slice(3)}`)).status).toBe(200);
  });

  it('would send what the proxy has', async () => {
    const mesh = await openMesh();
    const name = mesh.pod('reviews-v1').metadata.name;
    const wanted = (await json(mesh, `/debug/config_dump?proxyID=${name}.bookinfo`)) as object;
    const held = JSON.parse((await mesh.admin('reviews-v1', '/config_dump')).body) as object;
    const names = (dump: object, list: string, inner: string): readonly unknown[] =>
      (at(dump, ['configs']) as readonly object[]).flatMap((part) =>
        ((at(part, [list]) ?? []) as readonly object[]).map((entry) => at(entry, [inner, 'name'])),
      );
    const clusters = names(wanted, 'dynamicActiveClusters', 'cluster');
    expect(clusters.length).toBeGreaterThan(10);
    expect(clusters).toEqual(names(held, 'dynamic_active_clusters', 'cluster'));
    const secrets = (at(wanted, ['configs']) as readonly object[]).flatMap((part) => at(part, ['dynamicActiveSecrets']) ?? []);
    expect(secrets).toEqual([]);
    expect(JSON.stringify(wanted)).not.toContain('PRIVATE KEY');
  });

  it('does not reach a stale proxy, which goes on with what it knew', async () => {
    const mesh = await openMesh(staleProxy.options());
    const states = await synced(mesh);
    expect(Object.entries(states).filter(([, isSynced]) => !isSynced)).toEqual([['productpage-v1.bookinfo', false]]);
    const list = (await json(mesh, '/debug/syncz')) as readonly object[];
    const stale = list.find((entry) => stringAt(entry, 'proxy')?.startsWith('productpage'));
    expect(Date.parse(stringAt(stale, 'resources', CLUSTER, 'sentTime') ?? '')).toBe(mesh.clock.now() - 20 * 60_000);
  });

  it('hears why a proxy refuses its listeners, and the proxy shows it', async () => {
    const mesh = await openMesh(nack.options());
    const list = (await json(mesh, '/debug/syncz')) as readonly object[];
    const refused = list
      .filter((entry) => JSON.stringify(entry).includes('lastError'))
      .map((entry) => stringAt(entry, 'proxy')?.slice(0, 10));
    expect(refused).toEqual(['reviews-v1', 'reviews-v2', 'reviews-v3']);
    const { body } = await mesh.admin('reviews-v1', '/config_dump?resource=dynamic_listeners&name_regex=virtualInbound');
    expect(at(JSON.parse(body), ['configs', 0, 'error_state', 'details'])).toContain(
      "Didn't find a registered implementation for 'envoy.filters.http.golang'",
    );
    expect(JSON.stringify(at(JSON.parse(body), ['configs', 0, 'active_state']))).not.toContain('quota');
  });
});
