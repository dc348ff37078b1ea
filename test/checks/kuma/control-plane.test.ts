import { describe, expect, it } from 'vitest';
import { checks } from '../../../src/mesh/kuma/checks/index.ts';
import { factsOf } from '../facts.ts';
import { custom, namespace, pod, podWebhook, secret, serving, workload } from '../objects.ts';
import { resultsOf } from '../results.ts';

const kinds = serving('kuma.io/Mesh', 'kuma.io/Dataplane', 'kuma.io/DataplaneInsight');
const result = resultsOf(checks, { kinds });

const plane = (env: Readonly<Record<string, string>> = {}): string =>
  workload('kuma-system/kuma-control-plane', {
    ...{ labels: { app: 'kuma-control-plane' }, image: 'docker.io/kumahq/kuma-cp:2.11.2', env },
    volumes: [{ name: 'general-tls-cert', secret: { secretName: 'kuma-tls-cert' } }],
  });

const webhook = podWebhook('namespace-kuma-injector.kuma.io', { service: 'kuma-system/kuma-control-plane' });
const sidecar = ['kuma-sidecar', 'docker.io/kumahq/kuma-dp:2.11.2'] as const;

describe('kuma/control-plane-exists', () => {
  it('names what is installed, Kong Mesh too', async () => {
    expect(await result('control-plane-exists', plane())).toEqual({ is: 'ok', reason: '"kuma-system/kuma-control-plane 2.11.2".' });
    const kong = workload('kong-mesh-system/kong-mesh-control-plane', {
      labels: { app: 'kong-mesh-control-plane' },
      image: 'kong/kuma-cp:2.9.1',
    });
    expect((await result('control-plane-exists', kong)).reason).toContain('kong-mesh-control-plane 2.9.1');
  });

  it('only warns where nothing but definitions is left, and lets the rest be skipped', async () => {
    const left = namespace('shop', { 'kuma.io/sidecar-injection': 'enabled' }) + pod('shop/web');
    expect(await result('control-plane-exists', left)).toMatchObject({
      is: 'warning',
      reason:
        'No Deployment in the cluster is labelled "app=kuma-control-plane": only 3 definitions and 1 marked namespace of Kuma are left.',
      affected: [{ resource: { name: 'shop' } }],
    });
    const facts = factsOf(left, { kinds });
    const others = await Promise.all(
      checks.filter(({ id }) => id !== 'kuma/control-plane-exists').map(async (check) => (await check.run(facts)).is),
    );
    expect(others.filter((is) => is === 'failed' || is === 'warning')).toEqual([]);
  });

  it('fails where webhooks or proxies depend on what is gone, and where nothing was ever there', async () => {
    const { is, reason, affected } = await result('control-plane-exists', webhook + pod('shop/web', { sidecar }));
    expect([is, reason, affected?.length]).toEqual([
      'failed',
      'No Deployment in the cluster is labelled "app=kuma-control-plane", but 1 webhook configuration and 1 pod depend on it.',
      2,
    ]);
    expect(await result('control-plane-exists', pod('shop/web'), { kinds: serving() })).toMatchObject({
      is: 'failed',
      reason: expect.stringContaining('nothing else of Kuma is there'),
    });
  });
});

describe('kuma/mesh-exists', () => {
  it('fails where pods are to be injected and no Mesh is there, and warns otherwise', async () => {
    const marked = namespace('shop', { 'kuma.io/sidecar-injection': 'true' });
    expect((await result('mesh-exists', plane() + marked)).is).toBe('failed');
    expect((await result('mesh-exists', plane() + namespace('shop', { 'kuma.io/sidecar-injection': 'disabled' }))).is).toBe('warning');
    expect((await result('mesh-exists', plane() + marked + custom('kuma.io/v1alpha1', 'Mesh', 'default'))).is).toBe('ok');
  });
});

describe('kuma/definitions-served', () => {
  it('names what is not served', async () => {
    expect(await result('definitions-served', plane(), { kinds: serving('kuma.io/Mesh') })).toMatchObject({
      is: 'failed',
      reason: 'The API server does not serve "Dataplane" and "DataplaneInsight" of "kuma.io".',
    });
    expect((await result('definitions-served', plane())).is).toBe('ok');
  });
});

describe('kuma/zones-connected', () => {
  const zone = (name: string, spec: object = {}): string => custom('kuma.io/v1alpha1', 'Zone', name, { spec });
  const insight = (name: string, ...subscriptions: readonly object[]): string =>
    custom('kuma.io/v1alpha1', 'ZoneInsight', name, { spec: { subscriptions } });
  const past = { connectTime: '2025-12-01T00:00:00Z', disconnectTime: '2025-12-31T00:00:00Z' };
  const open = { connectTime: '2025-12-31T01:00:00Z' };

  it('names zones that are away, but for those that are switched off', async () => {
    const zones = zone('west') + zone('east') + zone('north') + zone('old', { enabled: false });
    const { is, affected } = await result(
      'zones-connected',
      plane({ KUMA_MODE: 'global' }) + zones + insight('west', past, open) + insight('east', past),
    );
    expect([is, affected?.map(({ resource, detail }) => `${resource.name}: ${detail}`)]).toEqual([
      'failed',
      ['east: It has been away since 2025-12-31T00:00:00.000Z.', 'north: It has never connected.'],
    ]);
  });

  it('are where pods are injected', async () => {
    expect(await result('injection-webhook-exists', plane({ KUMA_MODE: 'global' }))).toEqual({
      is: 'ok',
      reason: 'The control plane is global: its zones inject pods.',
    });
    expect((await result('injection-webhook-exists', plane())).is).toBe('failed');
  });

  it('says nothing where no global control plane runs', async () => {
    expect((await result('zones-connected', plane({ KUMA_MODE: 'zone' }) + zone('east'))).is).toBe('ok');
  });
});

describe('kuma/cni-ready', () => {
  const daemons = (ready: number): string =>
    custom('apps/v1', 'DaemonSet', 'kube-system/kuma-cni-node', {
      metadata: { namespace: 'kube-system', name: 'kuma-cni-node', labels: { app: 'kuma-cni' } },
      status: { desiredNumberScheduled: 3, numberReady: ready },
    });
  const reliant = plane({ KUMA_RUNTIME_KUBERNETES_INJECTOR_CNI_ENABLED: 'true' });

  it('fails without the DaemonSet that the control plane relies on, and warns when nodes lack it', async () => {
    expect((await result('cni-ready', reliant)).is).toBe('failed');
    expect(await result('cni-ready', reliant + daemons(2))).toMatchObject({
      is: 'warning',
      affected: [{ detail: '2 of 3 replicas are ready.' }],
    });
    expect((await result('cni-ready', reliant + daemons(0))).is).toBe('failed');
    expect((await result('cni-ready', reliant + daemons(3))).is).toBe('ok');
    expect((await result('cni-ready', plane())).is).toBe('ok');
  });
});

describe('kuma/control-plane-certificate-valid', () => {
  it('reads the Secret that the control plane mounts', async () => {
    const status = async (days: number): Promise<string> =>
      (await result('control-plane-certificate-valid', plane() + secret('kuma-system/kuma-tls-cert', 'tls.crt', days))).is;
    expect([await status(-1), await status(5), await status(300)]).toEqual(['failed', 'warning', 'ok']);
    expect((await result('control-plane-certificate-valid', plane())).is).toBe('skipped');
  });
});
