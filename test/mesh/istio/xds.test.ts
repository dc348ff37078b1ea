/** istiod's debug interface over xDS, asked of a sandbox's istiod over real sockets. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../../src/cluster/connect.ts';
import type { MeshctlError } from '../../../src/errors.ts';
import { memoryHost } from '../../../src/host/memory.ts';
import { clientConfigs, proxiesOfClientConfigs } from '../../../src/mesh/istio/xds/client-configs.ts';
import { debugOverXds } from '../../../src/mesh/istio/xds/debug.ts';
import { at, stringAt } from '../../../src/model/body.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { bookinfoMesh, type Changes } from '../../../src/sandbox/scenarios/_bookinfo.ts';
import { nack } from '../../../src/sandbox/scenarios/nack.ts';
import { noDebugPages } from '../../../src/sandbox/scenarios/no-debug-pages.ts';
import { staleProxy } from '../../../src/sandbox/scenarios/stale-proxy.ts';
import { type Mesh, openMesh } from '../../sandbox/istio/mesh.ts';

const SYNCZ = 'istio.io/debug/syncz';

async function podNamed(mesh: Mesh, name: string, namespace: string): Promise<Resource> {
  const found = await mesh.cluster.get({ kind: 'core/Pod', namespace, name: mesh.pod(name, namespace).metadata.name });
  if (!found) throw new RangeError(name);
  return found;
}

const istiodOf = (mesh: Mesh): Promise<Resource> => podNamed(mesh, 'istiod', 'istio-system');

const withSettings = (settings: Changes['settings']): Promise<Mesh> => openMesh(bookinfoMesh({ settings }));

const short = (name: string): string => name.replace(/-\w+-\w{5}$/, '');

const failing = async (promise: Promise<unknown>): Promise<MeshctlError> =>
  promise.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error) => error,
  );

describe('the state of proxies over xDS', () => {
  it('is what the debug page tells', async () => {
    const mesh = await openMesh(staleProxy.options());
    const { controlPlane, proxies } = await clientConfigs(mesh.cluster, await istiodOf(mesh));
    expect(controlPlane).toEqual({ id: mesh.pod('istiod', 'istio-system').metadata.name, version: '1.30.0' });
    const page = JSON.parse((await mesh.port('istiod', 15_014, 'istio-system').request('/debug/syncz')).body) as readonly object[];
    const told = page.map((entry) => {
      const types = Object.entries(at(entry, ['resources']) as Record<string, Record<string, string>>);
      return {
        proxy: stringAt(entry, 'proxy'),
        states: types
          .map(([, { sent = '', acked = '', lastError = '' }]) =>
            lastError === '' ? (sent === '' ? 'not-sent' : sent === acked ? 'synced' : 'stale') : 'rejected',
          )
          .sort(),
        sent: types.map(([, { sentTime = '' }]) => Math.max(0, Date.parse(sentTime))).sort(),
      };
    });
    const heard = proxies.map(({ name, namespace, types }) => ({
      proxy: `${name}.${namespace}`,
      states: types.map(({ state }) => state).sort(),
      sent: types.map(({ sentAt }) => sentAt ?? 0).sort(),
    }));
    expect(heard).toHaveLength(7);
    expect(heard).toEqual(told);
  });

  it('names types, and tells what is stale, rejected, and not sent', async () => {
    const stale = await openMesh(staleProxy.options());
    const page = (await clientConfigs(stale.cluster, await istiodOf(stale))).proxies.find(({ name }) => name.startsWith('productpage'));
    expect(page).toMatchObject({ namespace: 'bookinfo', cluster: 'Kubernetes', version: '1.30.0' });
    expect(page?.types.map(({ code, type, state }) => `${code} ${type} ${state}`)).toEqual([
      'CDS clusters stale',
      'EDS endpoints stale',
      'LDS listeners synced',
      'RDS routes synced',
    ]);
    const refused = await openMesh(nack.options());
    const { proxies } = await clientConfigs(refused.cluster, await istiodOf(refused));
    const rejected = proxies.flatMap(({ name, types }) =>
      types.filter(({ state }) => state === 'rejected').map((type) => ({ name, ...type })),
    );
    expect(rejected.map(({ name, code }) => `${short(name)} ${code}`)).toEqual(['reviews-v1 LDS', 'reviews-v2 LDS', 'reviews-v3 LDS']);
    expect(rejected[0]?.error).toContain("Didn't find a registered implementation");
  });

  it('is there where there are no debug pages', async () => {
    const mesh = await openMesh(noDebugPages.options());
    expect((await mesh.port('istiod', 15_014, 'istio-system').request('/debug/syncz')).status).toBe(404);
    expect((await mesh.port('istiod', 15_014, 'istio-system').request('/version')).status).toBe(200);
    expect((await clientConfigs(mesh.cluster, await istiodOf(mesh))).proxies).toHaveLength(7);
  });

  it('reads only what it knows', () => {
    const config = (id: string, ...types: readonly object[]) => ({
      node: { id, metadata: { CLUSTER_ID: 'c', NAMESPACE: 'shop' } },
      genericXdsConfigs: types,
    });
    const proxies = proxiesOfClientConfigs([
      config('web.shop', { typeUrl: 'type.googleapis.com/istio.workload.Address', configStatus: 1, lastUpdated: 5 }),
      config(
        'api.shop',
        { typeUrl: 'type.googleapis.com/other.v1.New', configStatus: 2, lastUpdated: Date.parse('0001-01-01T00:00:00Z') },
        { configStatus: 1 },
        { typeUrl: 'x.Y' },
      ),
      config('nodots'),
      {},
    ]);
    const common = { namespace: 'shop', cluster: 'c', version: '' };
    expect(proxies).toEqual([
      { ...common, name: 'api', types: [{ type: 'New', code: 'New', state: 'not-sent', sentAt: undefined, error: '' }] },
      { ...common, name: 'web', types: [{ type: 'workloads', code: 'WDS', state: 'synced', sentAt: 5, error: '' }] },
    ]);
  });
});

describe('istiod', () => {
  const ask = async (mesh: Mesh, token: string | undefined, namespace = 'istio-system', account = 'default'): Promise<unknown> => {
    const istiod = await istiodOf(mesh);
    const cluster: Cluster = {
      ...mesh.cluster,
      token: async () => token ?? mesh.cluster.token({ kind: 'core/ServiceAccount', namespace, name: account }, { audience: 'istio-ca' }),
    };
    return debugOverXds(cluster, istiod, SYNCZ, []);
  };

  it('tells nobody who does not prove who he is', async () => {
    const mesh = await openMesh();
    const audience = await mesh.cluster.token(
      { kind: 'core/ServiceAccount', namespace: 'istio-system', name: 'default' },
      { audience: 'other' },
    );
    for (const token of ['none', audience]) {
      const error = await failing(ask(mesh, token));
      expect([error.code, error.exit]).toEqual(['E_GRPC_UNAUTHENTICATED', 3]);
      expect(error.message).toContain('UNAUTHENTICATED: authentication failure');
      expect(error.message).not.toContain(token.slice(0, 12) === 'none' ? 'Bearer' : token.slice(0, 12));
    }
    const foreign = await failing(ask(mesh, undefined, 'bookinfo'));
    expect(foreign.code).toBe('E_GRPC_PERMISSION_DENIED');
    expect(foreign.message).toContain('authorization failed: no identities');
  });

  it('does not take a token that has ended', async () => {
    const mesh = await openMesh();
    const token = await mesh.cluster.token(
      { kind: 'core/ServiceAccount', namespace: 'istio-system', name: 'default' },
      { audience: 'istio-ca' },
    );
    await ask(mesh, token);
    mesh.clock.skip(601_000);
    expect((await failing(ask(mesh, token))).code).toBe('E_GRPC_UNAUTHENTICATED');
  });

  it('is asked in plain text only when told to, and answers there when it asks nobody', async () => {
    const strict = await openMesh();
    const error = await failing(debugOverXds(strict.cluster, await istiodOf(strict), SYNCZ, [], { plaintext: true }));
    expect(error.message).toContain('UNAUTHENTICATED: authentication required');
    const open = await withSettings({ ENABLE_DEBUG_ENDPOINT_AUTH: 'false' });
    expect((await clientConfigs(open.cluster, await istiodOf(open), { plaintext: true })).proxies).toHaveLength(7);
    expect(open.sandbox.requests.get('create serviceaccounts/token')).toBeUndefined();
  });

  it('is not given a token when another authority signed for it, or nobody says who does', async () => {
    const mesh = await openMesh();
    const root = { kind: 'core/ConfigMap', namespace: 'istio-system', name: 'istio-ca-root-cert' } as const;
    await mesh.cluster.patch(root, { data: { 'root-cert.pem': bookinfoAuthority() } });
    const error = await failing(clientConfigs(mesh.cluster, await istiodOf(mesh)));
    expect(error.code).toBe('E_POD_TLS');
    expect(error.hint).toContain('It must prove to be istiod.istio-system.svc.');
    for (const broken of ['nonsense', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n']) {
      await mesh.cluster.patch(root, { data: { 'root-cert.pem': broken } });
      const unread = await failing(clientConfigs(mesh.cluster, await istiodOf(mesh)));
      expect([unread.code, unread.message]).toEqual(['E_POD_TLS', expect.not.stringContaining('kubeconfig')]);
    }
    await mesh.cluster.patch(root, { data: null });
    const unknown = await failing(clientConfigs(mesh.cluster, await istiodOf(mesh)));
    expect([unknown.code, unknown.exit]).toEqual(['E_ISTIO_AUTHORITY', 3]);
    expect(unknown.message).toContain('ConfigMap istio-system/istio-ca-root-cert has no root-cert.pem');
  });

  it('is told of when it has no answer in time, and when it is given up', async () => {
    const mesh = await openMesh();
    const istiod = await istiodOf(mesh);
    const impatient = await connect(
      { kubeconfig: '/kube', requestTimeout: '1s' },
      memoryHost({ files: { '/kube': mesh.sandbox.kubeconfig() } }),
    );
    onTestFinished(() => impatient.close());
    expect((await failing(debugOverXds(impatient, istiod, 'istio.io/debug/unheard', []))).code).toBe('E_CLUSTER_TIMEOUT');
    const reason = new Error('enough');
    const stop = new AbortController();
    const asking = failing(debugOverXds(mesh.cluster, istiod, 'istio.io/debug/unheard', [], { signal: stop.signal }));
    setTimeout(() => stop.abort(reason), 50);
    expect(await asking).toBe(reason);
  });

  it('is asked over one connection, with one token', async () => {
    const mesh = await openMesh();
    const istiod = await istiodOf(mesh);
    for (let round = 0; round < 3; round++) await clientConfigs(mesh.cluster, istiod);
    expect(mesh.sandbox.requests.get('create serviceaccounts/token')).toBe(1);
    expect(mesh.sandbox.requests.get('get pods/portforward') ?? mesh.sandbox.requests.get('create pods/portforward')).toBe(1);
  });
});

const bookinfoAuthority = (): string => {
  const map = [...(bookinfoMesh().objects ?? [])].find((object) => stringAt(object, 'metadata', 'name') === 'istio-ca-root-cert');
  return stringAt(map, 'data', 'root-cert.pem') ?? '';
};
