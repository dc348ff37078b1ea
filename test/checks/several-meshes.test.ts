import { describe, expect, it } from 'vitest';
import { allChecks } from '../../src/checks/all.ts';
import { oneMeshPerWorkload } from '../../src/checks/several-meshes.ts';
import { consul } from '../../src/mesh/consul/index.ts';
import { kuma } from '../../src/mesh/kuma/index.ts';
import type { CheckResult } from '../../src/model/check.ts';
import type { MeshId } from '../../src/model/rule.ts';
import { factsOf } from './facts.ts';
import { namespace, pod, podWebhook } from './objects.ts';

const result = (objects: string, meshes: readonly MeshId[], asked?: string): Promise<CheckResult> =>
  oneMeshPerWorkload.run(factsOf(objects, { meshes, namespace: asked }));

const webhooks = ['namespace.sidecar-injector.istio.io', 'linkerd-proxy-injector.linkerd.io', 'namespace-kuma-injector.kuma.io']
  .map((name) => podWebhook(name))
  .join('');
const both = namespace('shop', { 'istio-injection': 'enabled', 'kuma.io/sidecar-injection': 'true' });

describe('kubernetes/one-mesh-per-workload', () => {
  it('warns of a namespace that asks two meshes, and names its marks', async () => {
    expect(await result(webhooks + both, ['istio', 'kuma'])).toEqual({
      is: 'warning',
      reason: '1 namespace asks several meshes for sidecars.',
      hint: 'Keep one mark on each namespace, and restart its workloads: those of "shop" are "istio-injection" and "kuma.io/sidecar-injection".',
      affected: [{ resource: expect.objectContaining({ name: 'shop' }), detail: 'It asks "istio" and "kuma".' }],
    });
    const revision = namespace('shop', { 'istio.io/rev': 'canary' }, { 'linkerd.io/inject': 'enabled' });
    expect((await result(webhooks + revision, ['istio', 'linkerd'])).is).toBe('warning');
  });

  it('fails for a pod with two sidecars', async () => {
    const twice = pod('shop/web', { sidecar: ['kuma-sidecar', 'kuma-dp:1'] }).replace('"name":"app"', '"name":"istio-proxy"');
    expect(await result(webhooks + twice, ['istio', 'kuma'])).toMatchObject({
      is: 'failed',
      affected: [{ resource: { name: 'web' }, detail: 'It has the sidecars of "istio" and "kuma".' }],
    });
  });

  it('tells the Envoys of meshes apart', async () => {
    const envoy = { sidecar: ['envoy', 'envoy:1'] as const };
    expect((await result(webhooks + pod('shop/web', { ...envoy, labels: { 'osm-proxy-uuid': '1' } }), ['osm', 'appmesh'])).is).toBe('ok');
    const claimed = { ...envoy, labels: { 'osm-proxy-uuid': '1' }, env: { APPMESH_RESOURCE_ARN: 'mesh/m' } };
    expect((await result(webhooks + pod('shop/web', claimed), ['osm', 'appmesh'])).is).toBe('failed');
  });

  it('is silent where each namespace has one mesh, or the other one cannot answer', async () => {
    const apart = namespace('shop', { 'istio-injection': 'enabled' }) + namespace('lab', { 'kuma.io/sidecar-injection': 'enabled' });
    const status = async (objects: string, meshes: readonly MeshId[], asked?: string): Promise<string> =>
      (await result(objects, meshes, asked)).is;
    expect(await status(webhooks + apart, ['istio', 'kuma'])).toBe('ok');
    expect(await status(webhooks + both, ['istio'])).toBe('ok');
    expect(await status(webhooks + both, ['istio', 'linkerd'])).toBe('ok');
    expect(await status(podWebhook('namespace.sidecar-injector.istio.io') + both, ['istio', 'kuma'])).toBe('ok');
    expect(
      await status(webhooks + namespace('shop', { 'istio-injection': 'enabled', 'kuma.io/sidecar-injection': 'disabled' }), [
        'istio',
        'kuma',
      ]),
    ).toBe('ok');
    expect(
      await status(
        webhooks + namespace('shop', { 'istio-injection': 'disabled', 'istio.io/rev': 'x', 'kuma.io/sidecar-injection': 'true' }),
        ['istio', 'kuma'],
      ),
    ).toBe('ok');
    expect(await status(webhooks + both, ['istio', 'kuma'], 'elsewhere')).toBe('ok');
    expect(
      await status(
        webhooks +
          pod('shop/done', { sidecar: ['kuma-sidecar', 'kuma-dp:1'], phase: 'Succeeded' }).replace('"name":"app"', '"name":"istio-proxy"'),
        ['istio', 'kuma'],
      ),
    ).toBe('ok');
  });

  it('is asked only where there are several', () => {
    const asks = (...meshes: Parameters<typeof allChecks>[0]): boolean => allChecks(meshes).includes(oneMeshPerWorkload);
    expect([asks(), asks(kuma), asks(kuma, consul)]).toEqual([false, false, true]);
  });
});
