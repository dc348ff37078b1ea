/** What a real Envoy tells of changes that it waits for, refuses, or takes away. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterRow, ListenerRow, RouteRow, SecretRow } from '../../../src/model/proxy-config.ts';
import { any } from '../configuration/any.ts';
import { dynamicClusters, warmingClusters } from '../configuration/clusters.ts';
import { dynamicListeners, warmingListener, wrongListener } from '../configuration/listeners.ts';
import { meshctl, program, type Running, rowsOf, runWhole } from './running.ts';

const REFUSED =
  "Didn't find a registered implementation for 'example.filters.http.quota' with type URL: 'example.filters.http.quota.v1.Quota'";

describe.skipIf(program === '')('a real Envoy', () => {
  let running: Running;

  beforeAll(async () => {
    running = await runWhole();
  });

  afterAll(() => running?.close());

  const clusters = (): readonly object[] => dynamicClusters(running.envoy.files, running.upstream, running.keys);
  const listeners = (isKept: (name: unknown) => boolean = () => true): readonly object[] =>
    dynamicListeners(running.envoy.files, running.keys).filter((each) => isKept((each as { readonly name?: unknown }).name));
  const dump = async (): Promise<string> => (await running.envoy.ask('/config_dump?include_eds')).body;
  const counter = async (name: string): Promise<number> => {
    const { body } = await running.envoy.ask(`/stats?filter=^${name}$`);
    return Number(/: (\d+)$/m.exec(body)?.[1] ?? Number.NaN);
  };
  /** Pushes a change and waits until Envoy has looked at it. */
  const push = async (file: string, version: string, resources: readonly object[], stat: string): Promise<void> => {
    const before = await counter(stat);
    running.envoy.push(file, version, resources);
    await running.envoy.until(`/stats?filter=^${stat}$`, (body) => Number(/: (\d+)$/m.exec(body)?.[1]) > before);
  };

  it('lets clusters, listeners and secrets wait that are not whole yet', async () => {
    await push('clusters', '2', [...clusters(), ...warmingClusters], 'cluster_manager.cds.update_success');
    await push('listeners', '2', [...listeners(), warmingListener], 'listener_manager.lds.update_success');
    const text = await dump();
    const warming = (await rowsOf<ClusterRow>('clusters', text, running.keys)).filter(({ state }) => state === 'warming');
    expect(warming).toMatchObject([
      { name: 'waits-for-endpoints', type: 'EDS', version: '2' },
      { name: 'waits-for-secret', type: 'STATIC', tls: 'mutual TLS' },
    ]);
    const [listener] = await rowsOf<ListenerRow>('listeners', text, running.keys, '--name', 'waits-for-routes');
    expect(listener).toMatchObject({ state: 'warming', version: '2', chains: [{ destination: 'Route: never' }] });
    const secrets = await rowsOf<SecretRow>('secrets', text, running.keys, '--name', 'never');
    expect(secrets).toMatchObject([{ type: 'other', state: 'warming', subjectAltNames: [] }]);
    const files = { '/dump.json': text };
    expect((await meshctl(['pc', 'clusters', '-f', '/dump.json'], files, running.keys)).out).toMatch(
      /^waits-for-endpoints +- +- +- +EDS, warming +-/m,
    );
    expect((await meshctl(['pc', 'listeners', '-f', '/dump.json'], files, running.keys)).out).toMatch(/^0\.0\.0\.0:8099 +HTTP, warming /m);
  });

  it('tells why it refuses a listener, one that it has and one that it never had', async () => {
    const changed = [...listeners((name) => name !== '10.96.0.1_443'), wrongListener('10.96.0.1_443'), wrongListener('new')];
    await push('listeners', '3', changed, 'listener_manager.lds.update_rejected');
    const text = await dump();
    // Once with its name, once without.
    expect(text.split('"error_state"')).toHaveLength(5);
    const found = await rowsOf<ListenerRow>('listeners', text, running.keys);
    expect(
      found
        .filter(({ error }) => error !== undefined)
        .map(({ name, state, version, error, addresses }) => [name, state, version, error, ...addresses]),
    ).toEqual([
      ['10.96.0.1_443', 'active', '1', REFUSED, '10.96.0.1:443'],
      ['new', 'refused', undefined, REFUSED, '0.0.0.0:8100'],
    ]);
    const { out } = await meshctl(['pc', 'listeners', '-f', '/dump.json'], { '/dump.json': text }, running.keys);
    expect(out.match(/Last change refused: Didn't find a registered implementation/g)).toHaveLength(2);
    await push('listeners', '4', listeners(), 'listener_manager.lds.update_success');
    expect((await rowsOf<ListenerRow>('listeners', await dump(), running.keys)).filter(({ error }) => error)).toEqual([]);
  });

  it('keeps listeners for a while that are taken away', async () => {
    await push(
      'listeners',
      '5',
      listeners((name) => name !== 'tapped'),
      'listener_manager.lds.update_success',
    );
    const [row] = await rowsOf<ListenerRow>('listeners', await dump(), running.keys, '--name', 'tapped');
    expect(row).toMatchObject({ state: 'draining', version: '1' });
    expect((await running.envoy.ask('/listeners')).body).not.toContain('tapped');
  });

  it('only counts what else it refuses', async () => {
    const { files } = running.envoy;
    const secret = { name: 'default', tls_certificate: { certificate_chain: { inline_string: 'nonsense' } } };
    const host = { name: 'a', domains: ['same'] };
    const route = { name: '80', virtual_hosts: [host, { ...host, name: 'b' }] };
    const filter = { name: 'delivered', typed_config: any('extensions.filters.http.router.v3.Router') };
    const wrong = any('config.cluster.v3.Cluster', { name: 'wrong', type: 'EDS' });
    await push('clusters', '3', [...dynamicClusters(files, running.upstream, running.keys), wrong], 'cluster_manager.cds.update_rejected');
    await push('routes/80', '2', [any('config.route.v3.RouteConfiguration', route)], 'http.80.rds.80.update_rejected');
    await push('secrets/default', '2', [any('extensions.transport_sockets.tls.v3.Secret', secret)], 'sds.default.update_rejected');
    await push(
      'extensions/delivered',
      '2',
      [{ '@type': 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig', ...filter }],
      'extension_config_discovery.http_filter.delivered.update_rejected',
    );
    const text = await dump();
    expect(text).not.toContain('"error_state"');
    expect((await rowsOf<ClusterRow>('clusters', text, running.keys)).filter(({ name }) => name === 'wrong')).toEqual([]);
    expect((await rowsOf<RouteRow>('routes', text, running.keys, '--name', '80')).every(({ version }) => version === '1')).toBe(true);
    // A secret stands there all the same, refused as it is.
    const { out } = await meshctl(['pc', 'secrets', '-f', '/dump.json'], { '/dump.json': text }, running.keys);
    expect(out).toMatch(/^default +certificate +active +no, unreadable /m);
  });
});
