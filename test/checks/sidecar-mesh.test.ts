/** The checks that every mesh with sidecars has, by the example of Kuma. */
import { describe, expect, it } from 'vitest';
import { kuma } from '../../src/mesh/kuma/index.ts';
import { factsOf, NOW } from './facts.ts';
import { pod, podWebhook, serving, workload } from './objects.ts';
import { resultsOf } from './results.ts';

const result = resultsOf(kuma.checks ?? [], { kinds: serving() });
const labels = { app: 'kuma-control-plane' };
const plane = (replicas = 1, ready = replicas, image = 'kuma-cp:2.11.2'): string =>
  workload('kuma-system/kuma-control-plane', { labels, image, replicas, ready });

describe('the control plane of a mesh with sidecars', () => {
  it('is ready with all its replicas, missed with none, and gone when scaled to zero', async () => {
    const status = async (replicas: number, ready: number): Promise<string> =>
      (await result('control-plane-ready', plane(replicas, ready))).is;
    expect([await status(2, 2), await status(2, 1), await status(2, 0), await status(0, 0)]).toEqual(['ok', 'warning', 'failed', 'failed']);
    expect(await result('control-plane-ready', plane(0))).toMatchObject({
      hint: 'Run "kubectl -n kuma-system describe deployment kuma-control-plane".',
      affected: [{ detail: 'Deployment "kuma-control-plane" is scaled to zero.' }],
    });
  });

  it('has pods that do not restart', async () => {
    const restarted = (minutesAgo: number): string => {
      const finishedAt = new Date(NOW - minutesAgo * 60_000).toISOString();
      const status = `"ready":true,"lastState":{"terminated":{"reason":"OOMKilled","finishedAt":"${finishedAt}"}}`;
      return pod('kuma-system/cp-1', { labels }).replace('"ready":true', status);
    };
    const healthy = async (objects: string) => result('control-plane-pods-healthy', plane() + objects);
    expect(await healthy(restarted(30))).toMatchObject({ is: 'warning', affected: [{ detail: 'Container "app" restarted (OOMKilled).' }] });
    expect((await healthy(restarted(90))).is).toBe('ok');
    expect((await healthy(pod('kuma-system/cp-1', { labels }).replace('"ready":true', '"ready":false'))).is).toBe('failed');
    expect((await healthy(pod('kuma-system/cp-1', { labels, phase: 'Failed' }))).is).toBe('skipped');
  });

  it('has a version when all of it has one', async () => {
    expect(await kuma.version?.(factsOf(plane()))).toBe('2.11.2');
    expect(await kuma.version?.(factsOf(plane(1, 1, 'registry:5000/kuma-cp:v2.9.0@sha256:1234')))).toBe('2.9.0');
    expect(await kuma.version?.(factsOf(plane(1, 1, 'registry:5000/kuma-cp@sha256:1234')))).toBeUndefined();
    const other = workload('other/kuma-control-plane', { labels, image: 'kuma-cp:2.10.0' });
    expect(await kuma.version?.(factsOf(plane() + other))).toBeUndefined();
  });

  it('is missed less where only marks are left of it', async () => {
    const annotated = workload('shop/web').replace(
      '"metadata":{"labels":{}}',
      '"metadata":{"annotations":{"kuma.io/service-account-token-volume":"token"}}',
    );
    expect(await result('control-plane-exists', annotated)).toMatchObject({
      is: 'warning',
      reason: 'No Deployment in the cluster is labelled "app=kuma-control-plane": only labels and annotations of Kuma are left.',
    });
  });
});

describe('the webhooks of a mesh with sidecars', () => {
  it('must be asked about new pods', async () => {
    const defaulting = podWebhook('mesh.defaulter.kuma-admission.kuma.io').replace('"pods"', '"meshes"');
    expect((await result('injection-webhook-exists', plane() + defaulting)).is).toBe('failed');
    expect((await result('injection-webhook-exists', plane() + podWebhook('namespace-kuma-injector.kuma.io'))).is).toBe('ok');
    expect((await result('injection-webhook-exists', plane() + podWebhook('sidecar-injector.istio.io'))).is).toBe('failed');
  });

  it('must not let pods pass', async () => {
    const lax = podWebhook('namespace-kuma-injector.kuma.io', { failurePolicy: 'Ignore' });
    expect((await result('injection-failure-policy-safe', plane() + lax)).is).toBe('warning');
    expect((await result('injection-failure-policy-safe', plane() + podWebhook('namespace-kuma-injector.kuma.io'))).is).toBe('ok');
  });
});
