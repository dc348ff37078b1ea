import { describe, expect, it } from 'vitest';
import { checks } from '../../../src/mesh/osm/checks/index.ts';
import { custom, namespace, pod, podWebhook, secret, serving, workload } from '../objects.ts';
import { resultsOf } from '../results.ts';

const result = resultsOf(checks, { kinds: serving('config.openservicemesh.io/MeshConfig') });

const part = (app: string, version = '1.2.4', args: readonly string[] = []): string =>
  workload(`osm-system/${app}`, {
    labels: { app, meshName: 'osm', 'app.kubernetes.io/version': `v${version}` },
    image: `openservicemesh/${app}@sha256:00`,
    args,
  });
const controller = part('osm-controller');
const MONITORED = 'openservicemesh.io/monitored-by';
const INJECTION = 'openservicemesh.io/sidecar-injection';

describe('the control plane of Open Service Mesh', () => {
  it('is archived, which is said once and only where it runs', async () => {
    expect(await result('control-plane-maintained', controller)).toMatchObject({
      is: 'warning',
      affected: [{ resource: { name: 'osm-controller' } }],
    });
    expect((await result('control-plane-maintained', namespace('shop'))).is).toBe('skipped');
  });

  it('needs its MeshConfig', async () => {
    const config = (name: string): string => custom('config.openservicemesh.io/v1alpha2', 'MeshConfig', `osm-system/${name}`);
    expect((await result('mesh-config-exists', controller + config('other'))).is).toBe('failed');
    expect((await result('mesh-config-exists', controller + config('osm-mesh-config'))).is).toBe('ok');
  });

  it('has one version in all its parts', async () => {
    expect((await result('control-plane-versions-agree', controller + part('osm-injector') + part('osm-bootstrap'))).reason).toBe('1.2.4.');
    expect(await result('control-plane-versions-agree', controller + part('osm-injector', '1.2.3'))).toMatchObject({
      is: 'warning',
      reason: 'Versions "1.2.3" and "1.2.4" run beside each other.',
    });
  });

  it('is ready when all its parts are', async () => {
    const injector = workload('osm-system/osm-injector', { labels: { app: 'osm-injector' }, ready: 0 });
    expect((await result('control-plane-ready', controller + injector)).is).toBe('failed');
    expect((await result('control-plane-ready', controller + part('osm-injector'))).is).toBe('ok');
  });

  it('trusts the authority in the Secret that it is told', async () => {
    const named = part('osm-controller', '1.2.4', ['--ca-bundle-secret-name', 'own-authority']);
    expect((await result('authority-certificate-valid', named + secret('osm-system/own-authority', 'ca.crt', -1))).is).toBe('failed');
    expect((await result('authority-certificate-valid', controller + secret('osm-system/osm-ca-bundle', 'ca.crt', 900))).is).toBe('ok');
    expect((await result('authority-certificate-valid', controller)).is).toBe('skipped');
  });
});

describe('the namespaces of Open Service Mesh', () => {
  it('name a mesh that exists', async () => {
    expect(await result('namespaces-monitored', controller + namespace('shop', { [MONITORED]: 'old' }))).toMatchObject({
      is: 'warning',
      hint: 'Run "kubectl label namespace shop openservicemesh.io/monitored-by=osm --overwrite", or remove the label.',
    });
    expect((await result('namespaces-monitored', controller + namespace('shop', { [MONITORED]: 'osm' }))).is).toBe('ok');
  });
});

describe('the data plane of Open Service Mesh', () => {
  it('wants sidecars as namespaces say, and pods rather', async () => {
    const webhook = podWebhook('osm-inject.k8s.io', { namespaceSelector: { matchLabels: { [MONITORED]: 'osm' } } });
    const spaces = [
      namespace('shop', { [MONITORED]: 'osm' }, { [INJECTION]: 'enabled' }),
      namespace('lab', { [MONITORED]: 'osm' }),
      namespace('free', {}, { [INJECTION]: 'enabled' }),
    ];
    const pods = [
      pod('shop/web'),
      pod('shop/out', { annotations: { [INJECTION]: 'No' } }),
      pod('shop/has', { labels: { 'osm-proxy-uuid': '1' }, sidecar: ['envoy', 'envoyproxy/envoy-distroless:v1.23.1'] }),
      pod('lab/quiet'),
      pod('lab/asks', { annotations: { [INJECTION]: 'yes' } }),
      pod('free/web'),
    ];
    const { affected } = await result('data-plane-pods-injected', [controller, webhook, ...spaces, ...pods].join(''));
    expect(affected?.map(({ resource }) => resource.name)).toEqual(['web', 'asks']);
    expect(affected?.[0]?.resource.namespace).toBe('shop');
  });

  it("leaves others' Envoys alone", async () => {
    const broken = { sidecar: ['envoy', 'envoyproxy/envoy:v1.30.0'] as const, ready: false };
    expect((await result('data-plane-proxies-ready', pod('shop/web', broken))).reason).toBe('No pod has a proxy.');
    expect((await result('data-plane-proxies-ready', pod('shop/web', { ...broken, labels: { 'osm-proxy-uuid': '1' } }))).is).toBe('failed');
  });
});
