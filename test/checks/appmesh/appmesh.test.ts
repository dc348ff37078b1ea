import { describe, expect, it } from 'vitest';
import { checks } from '../../../src/mesh/appmesh/checks/index.ts';
import { custom, namespace, pod, podWebhook, secret, serving, workload } from '../objects.ts';
import { resultsOf } from '../results.ts';

const result = resultsOf(checks, { kinds: serving('appmesh.k8s.aws/Mesh') });

const controller = workload('appmesh-system/appmesh-controller', {
  labels: { 'app.kubernetes.io/name': 'appmesh-controller' },
  image: '602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon/appmesh-controller:v1.13.3',
  args: ['--log-level=info', '--sidecar-image-tag=v1.34.13.3-prod'],
  volumes: [{ name: 'cert', secret: { secretName: 'webhook-server-cert' } }],
});
const object = (kind: string, name: string, active: string, spec: object = {}): string =>
  custom('appmesh.k8s.aws/v1beta2', kind, kind === 'Mesh' ? name : `shop/${name}`, {
    spec,
    status: { conditions: [{ type: `${kind}Active`, status: active, reason: 'Refused', message: 'no such backend' }] },
  });

describe('App Mesh', () => {
  it('is ended by AWS', async () => {
    const reason = async (now: number): Promise<string | undefined> => (await result('service-supported', controller, { now })).reason;
    expect(await reason(Date.UTC(2026, 0, 1))).toBe('AWS ends App Mesh on 30 September 2026.');
    expect(await reason(Date.UTC(2026, 10, 21))).toMatch(/^AWS ended App Mesh on 30 September 2026/);
    expect((await result('service-supported', namespace('shop'))).is).toBe('skipped');
  });

  it('tells which objects it has not taken over', async () => {
    expect(await result('meshes-active', controller + object('Mesh', 'm', 'False'))).toMatchObject({
      is: 'failed',
      reason: '1 of 1 Mesh is not active.',
    });
    expect((await result('meshes-active', controller + object('Mesh', 'm', 'True'))).is).toBe('ok');
    expect(
      await result('resources-active', controller + object('VirtualNode', 'web', 'False') + object('VirtualService', 'web', 'True')),
    ).toMatchObject({
      is: 'failed',
      affected: [{ detail: 'Refused: no such backend.' }],
    });
    // What was just made has no condition yet.
    const fresh = custom('appmesh.k8s.aws/v1beta2', 'VirtualNode', 'shop/new');
    expect(await result('resources-active', controller + fresh)).toEqual({ is: 'ok', reason: '1 object.' });
  });

  it('serves its webhooks with a certificate from a Secret', async () => {
    const status = async (days: number): Promise<string> =>
      (await result('webhook-certificate-valid', controller + secret('appmesh-system/webhook-server-cert', 'tls.crt', days))).is;
    expect([await status(-1), await status(2000)]).toEqual(['failed', 'ok']);
  });
});

describe('the data plane of App Mesh', () => {
  const INJECTOR = 'appmesh.k8s.aws/sidecarInjectorWebhook';
  const env = { APPMESH_RESOURCE_ARN: 'mesh/m/virtualNode/web_shop' };
  const envoy = (tag: string): readonly [string, string] => ['envoy', `public.ecr.aws/appmesh/aws-appmesh-envoy:${tag}`];

  it('wants sidecars where a virtual node selects the pod', async () => {
    const webhook = podWebhook('mpod.appmesh.k8s.aws', {
      namespaceSelector: { matchExpressions: [{ key: INJECTOR, operator: 'In', values: ['enabled', 'disabled'] }] },
    });
    const node =
      object('VirtualNode', 'web', 'True', { podSelector: { matchLabels: { app: 'web' } } }) + object('VirtualNode', 'external', 'True');
    const pods = [
      pod('shop/web', { labels: { app: 'web' } }),
      pod('shop/has', { labels: { app: 'web' }, sidecar: envoy('v1.34.13.3-prod'), env }),
      pod('shop/out', { labels: { app: 'web' }, annotations: { [INJECTOR]: 'disabled' } }),
      pod('shop/other', { labels: { app: 'batch' } }),
      pod('lab/web', { labels: { app: 'web' } }),
    ];
    const spaces = namespace('shop', { [INJECTOR]: 'enabled' }) + namespace('lab', { [INJECTOR]: 'enabled' });
    const { affected } = await result('data-plane-pods-injected', [controller, webhook, node, spaces, ...pods].join(''));
    expect(affected?.map(({ resource }) => `${resource.namespace}/${resource.name}`)).toEqual(['shop/web']);
  });

  it('runs the Envoy that new pods get', async () => {
    const status = async (tag: string): Promise<string> =>
      (await result('data-plane-versions-supported', controller + pod('shop/web', { sidecar: envoy(tag), env }))).is;
    expect([await status('v1.34.9.0-prod'), await status('v1.27.3.0-prod'), await status('latest')]).toEqual(['ok', 'warning', 'skipped']);
  });
});
