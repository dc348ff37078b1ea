import { describe, expect, it } from 'vitest';
import { checks } from '../../../src/mesh/kuma/checks/index.ts';
import { custom, namespace, pod, podWebhook, serving, workload } from '../objects.ts';
import { resultsOf } from '../results.ts';

const result = resultsOf(checks, { kinds: serving('kuma.io/Mesh', 'kuma.io/Dataplane', 'kuma.io/DataplaneInsight') });

const plane = (mode = 'zone'): string =>
  workload('kuma-system/kuma-control-plane', {
    labels: { app: 'kuma-control-plane' },
    image: 'docker.io/kumahq/kuma-cp:2.11.2',
    env: { KUMA_MODE: mode },
  });
const image = (version: string): readonly [string, string] => ['kuma-sidecar', `docker.io/kumahq/kuma-dp:${version}`];
const sidecar = image('2.11.0');
const web = plane() + pod('shop/web', { sidecar });
const dataplane = (path: string): string => custom('kuma.io/v1alpha1', 'Dataplane', path, { mesh: 'default', spec: {} });

const HOUR_AGO = '2026-01-01T11:00:00Z';
const insight = (path: string, subscription: object, more: object = {}): string =>
  custom('kuma.io/v1alpha1', 'DataplaneInsight', path, {
    status: { subscriptions: [{ connectTime: HOUR_AGO, ...subscription }], ...more },
  });

describe('kuma/data-plane-pods-registered', () => {
  it('fails for a running pod without Dataplane, and warns of a Dataplane without pod', async () => {
    expect(await result('data-plane-pods-registered', web)).toMatchObject({ is: 'failed', affected: [{ detail: 'It has no Dataplane.' }] });
    expect(await result('data-plane-pods-registered', web + dataplane('shop/web') + dataplane('shop/gone'))).toMatchObject({
      is: 'warning',
      affected: [{ resource: { name: 'gone' }, detail: 'Its pod does not exist.' }],
    });
    expect(await result('data-plane-pods-registered', web + dataplane('shop/web'))).toEqual({ is: 'ok', reason: '1 Dataplane.' });
  });

  it('leaves alone pods that start or have ended, zone proxies, and the copies of a global control plane', async () => {
    const young = pod('shop/young', { sidecar, ageMs: 30_000 });
    const ended = pod('shop/job', { sidecar, phase: 'Succeeded' });
    const ingress = pod('kuma-system/ingress', { sidecar, annotations: { 'kuma.io/ingress': 'enabled' } });
    expect((await result('data-plane-pods-registered', plane() + young + ended + ingress)).is).toBe('ok');
    expect((await result('data-plane-pods-registered', plane('global') + dataplane('kuma-system/west.web.shop'))).is).toBe('ok');
  });
});

describe('kuma/data-plane-proxies-online', () => {
  const known = web + dataplane('shop/web');

  it('fails for a proxy that is away or never came', async () => {
    const details = async (objects: string): Promise<unknown> =>
      (await result('data-plane-proxies-online', known + objects)).affected?.[0]?.detail;
    expect(await details('')).toBe('Its proxy has never connected.');
    expect(await details(insight('shop/web', { disconnectTime: '2026-01-01T11:30:00Z' }))).toBe(
      'Its proxy has been away since 2026-01-01T11:30:00.000Z.',
    );
  });

  it('is content with one that is connected, connects again, or whose trouble other checks tell', async () => {
    const status = async (objects: string): Promise<string> => (await result('data-plane-proxies-online', objects)).is;
    expect(await status(known + insight('shop/web', {}))).toBe('ok');
    expect(await status(known + insight('shop/web', { disconnectTime: '2026-01-01T11:59:30Z' }))).toBe('ok');
    expect(await status(web)).toBe('ok');
    expect(await status(plane() + dataplane('shop/web') + pod('shop/web', { sidecar, ready: false }))).toBe('ok');
  });
});

describe('kuma/data-plane-configuration-accepted', () => {
  const answers = (responsesSent: string, responsesAcknowledged: string, responsesRejected?: string): object => ({
    ...{ responsesSent, responsesAcknowledged },
    ...(responsesRejected === undefined ? {} : { responsesRejected }),
  });

  it('warns of rejections, and of answers that do not come', async () => {
    const detail = async (status: object): Promise<unknown> =>
      (await result('data-plane-configuration-accepted', plane() + insight('shop/web', { status }))).affected?.[0]?.detail;
    expect(await detail({ lds: answers('10', '8', '2'), rds: answers('1', '0', '1') })).toBe(
      'It rejected 2 of 10 LDS updates and 1 of 1 RDS update.',
    );
    expect(await detail({ lastUpdateTime: '2026-01-01T11:50:00Z', cds: answers('3', '2') })).toBe(
      'It has not answered the last CDS update.',
    );
  });

  it('gives a proxy time to answer, and forgets what happened before it connected', async () => {
    const status = async (...objects: readonly string[]): Promise<string> =>
      (await result('data-plane-configuration-accepted', plane() + objects.join(''))).is;
    expect(await status(insight('shop/web', { status: { lastUpdateTime: '2026-01-01T11:59:50Z', cds: answers('3', '2') } }))).toBe('ok');
    expect(await status(insight('shop/web', { status: { lastUpdateTime: HOUR_AGO, eds: answers('3', '3') } }))).toBe('ok');
    expect(await status(insight('shop/web', { disconnectTime: '2026-01-01T11:30:00Z', status: { lds: answers('2', '1', '1') } }))).toBe(
      'ok',
    );
    expect(await status()).toBe('ok');
  });
});

describe('kuma/proxy-certificates-valid', () => {
  const ending = (lastCertificateRegeneration: string, certificateExpirationTime: string): string =>
    insight('shop/web', {}, { mTLS: { lastCertificateRegeneration, certificateExpirationTime } });

  it('judges certificates of connected proxies by their lifetime', async () => {
    const status = async (objects: string): Promise<string> => (await result('proxy-certificates-valid', plane() + objects)).is;
    expect(await status(ending('2025-12-30T12:00:00Z', '2025-12-31T12:00:00Z'))).toBe('failed');
    expect(await status(ending('2025-12-31T13:00:00Z', '2026-01-01T13:00:00Z'))).toBe('warning');
    expect(await status(ending('2026-01-01T11:00:00Z', '2026-01-02T11:00:00Z'))).toBe('ok');
    expect(await status(ending('2026-01-01T12:00:05Z', '2026-01-02T12:00:05Z'))).toBe('ok');
    expect(await status(insight('shop/web', {}))).toBe('ok');
  });
});

describe('the versions of proxies', () => {
  it('are compared by what the control plane knows of them, or by their image', async () => {
    const status = async (objects: string): Promise<string> => (await result('data-plane-versions-supported', plane() + objects)).is;
    const stated = (version: string): string => insight('shop/web', { version: { kumaDp: { version } } });
    expect(await status(pod('shop/web', { sidecar }))).toBe('ok');
    expect(await status(pod('shop/web', { sidecar: image('2.10.4') }))).toBe('warning');
    expect(await status(pod('shop/web', { sidecar: image('2.8.0') }))).toBe('failed');
    expect(await status(pod('shop/web', { sidecar: image('latest') }))).toBe('skipped');
    expect(await status(pod('shop/web', { sidecar: image('latest') }) + stated('2.8.0'))).toBe('failed');
    expect(await status(pod('shop/web', { sidecar: image('3.0.0') }))).toBe('warning');
  });

  it('of Envoy are judged only where the control plane tells', async () => {
    const envoy = (path: string, more: object): string => insight(path, { version: { envoy: { version: '1.34.1', ...more } } });
    const good = envoy('shop/a', { kumaDpCompatible: true });
    expect((await result('data-plane-envoys-compatible', plane() + good)).is).toBe('ok');
    expect(await result('data-plane-envoys-compatible', plane() + good + envoy('shop/b', {}))).toMatchObject({
      is: 'warning',
      affected: [{ resource: { name: 'b' } }],
    });
    expect((await result('data-plane-envoys-compatible', plane() + envoy('shop/b', {}))).is).toBe('skipped');
    expect((await result('data-plane-envoys-compatible', plane())).is).toBe('ok');
  });
});

describe('kuma/data-plane-proxies-ready', () => {
  it('gives young pods time, unless their proxy has failed', async () => {
    const status = async (objects: string): Promise<string> => (await result('data-plane-proxies-ready', objects)).is;
    expect(await status(pod('shop/web', { sidecar, ready: false }))).toBe('failed');
    expect(await status(pod('shop/web', { sidecar, ready: false, ageMs: 10_000, waiting: 'PodInitializing' }))).toBe('ok');
    expect(await status(pod('shop/web', { sidecar, ready: false, ageMs: 10_000, waiting: 'ImagePullBackOff' }))).toBe('failed');
    expect(await status(pod('shop/web', { ready: false }))).toBe('ok');
  });
});

describe('kuma/data-plane-pods-injected', () => {
  const INJECTION = 'kuma.io/sidecar-injection';
  const webhooks =
    podWebhook('namespace-kuma-injector.kuma.io', {
      namespaceSelector: { matchExpressions: [{ key: INJECTION, operator: 'In', values: ['enabled', 'true'] }] },
    }) +
    podWebhook('pods-kuma-injector.kuma.io', {
      namespaceSelector: { matchExpressions: [{ key: INJECTION, operator: 'Exists' }] },
      objectSelector: { matchLabels: { [INJECTION]: 'enabled' } },
    });
  const missing = async (objects: string, changes = {}): Promise<readonly string[]> =>
    ((await result('data-plane-pods-injected', plane() + webhooks + objects, changes)).affected ?? []).map(({ resource }) => resource.name);
  const on = namespace('shop', { [INJECTION]: 'enabled' });
  const off = namespace('lab', { [INJECTION]: 'disabled' });

  it('finds pods that a namespace or they themselves want injected', async () => {
    expect(await missing(on + pod('shop/web') + pod('shop/fine', { sidecar }))).toEqual(['web']);
    expect(await missing(off + pod('lab/odd', { labels: { [INJECTION]: 'enabled' } }) + pod('lab/even'))).toEqual(['odd']);
  });

  it('leaves alone who opted out, has ended, or cannot be injected', async () => {
    const pods = [
      pod('shop/out', { labels: { [INJECTION]: 'disabled' } }),
      pod('shop/done', { phase: 'Succeeded' }),
      pod('shop/agent', { hostNetwork: true }),
      pod('shop/static', { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
      pod('elsewhere/web'),
    ];
    expect(await missing(on + namespace('elsewhere') + pods.join(''))).toEqual([]);
    // The annotation of that name has never done anything on Kubernetes.
    expect(await missing(namespace('shop', {}, { [INJECTION]: 'enabled' }) + pod('shop/web'))).toEqual([]);
  });

  it('speaks of one namespace when asked about one', async () => {
    const other = namespace('shop-2', { [INJECTION]: 'enabled' }) + pod('shop-2/web2');
    expect(await missing(on + pod('shop/web') + other, { namespace: 'shop' })).toEqual(['web']);
  });
});
