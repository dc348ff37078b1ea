import { describe, expect, it } from 'vitest';
import type { CheckResult, PodAnswer } from '../../../src/model/check.ts';
import { NOW } from '../facts.ts';
import {
  apiService,
  component,
  controller,
  credentials,
  kubeconfig,
  LINK_KINDS,
  link,
  linked,
  mirror,
  TOKEN,
  VIZ,
  viz,
} from './extension-objects.ts';
import { authority, base64, type Changes, DAY, pod, problems, resultOf, root, servingCertificate, servingSecret } from './mesh.ts';

const answering = (byPort: Readonly<Record<number, PodAnswer>>) => ({
  ask: async (_pod: unknown, port: number): Promise<PodAnswer | undefined> => byPort[port],
});

const ready = answering({ 9995: { status: 200, body: 'ok' } });
const onViz = (id: string, changes: Changes = {}): Promise<CheckResult> =>
  resultOf(`viz-${id}`, { ...ready, ...changes, with: `${viz}---${changes.with ?? ''}` });

describe('the extension viz', () => {
  it('is not missed', async () => {
    expect(await resultOf('viz-pods-ready')).toMatchObject({ is: 'ok', reason: 'The extension "viz" is not installed.', isMoot: true });
  });

  it('has no problem when it is healthy', async () => {
    expect(await problems({ with: viz, mode: 'running', ...ready })).toEqual({});
  });

  it('has all of its components, ready and meshed', async () => {
    expect((await onViz('pods-ready', { without: ['Pod tap-1'] })).reason).toBe('There is no pod of "tap".');
    const crashing = component('linkerd-viz', 'viz', 'web').replace('name: app, ready: true', 'name: app, ready: false');
    expect((await onViz('pods-ready', { with: crashing })).affected).toMatchObject([{ resource: { name: 'web-1' } }]);
    const bare = pod('linkerd-viz', 'web-1', { version: undefined, labels: 'linkerd.io/extension: viz, component: web' });
    expect((await onViz('proxies-ready', { with: bare })).affected).toMatchObject([{ detail: 'It has no proxy.' }]);
    const old = pod('linkerd-viz', 'web-1', { version: 'edge-24.1.1', labels: 'linkerd.io/extension: viz, component: web' });
    expect((await onViz('proxies-current', { with: old })).is).toBe('warning');
  });

  it('has its permissions', async () => {
    expect((await onViz('permissions-exist', { without: ['ClusterRole viz-role'] })).is).toBe('failed');
    expect((await onViz('permissions-exist', { without: ['ClusterRoleBinding viz-role-tap'] })).affected?.[0]?.detail).toBe(
      'No ClusterRoleBinding names its ServiceAccount "tap".',
    );
  });

  it('serves tap, with a certificate that the API server trusts', async () => {
    expect((await onViz('tap-api-available', { with: apiService('False') })).reason).toBe('The API server does not reach it: no response.');
    expect((await onViz('tap-api-available', { without: ['APIService v1alpha1.tap.linkerd.io'] })).is).toBe('failed');
    expect((await onViz('tap-certificate-valid', { with: apiService('True', root.certificatePem) })).is).toBe('failed');
    const ended = servingCertificate('tap.linkerd-viz', { notAfter: NOW - DAY });
    const renewed = `${apiService('True', ended.certificatePem)}---${servingSecret('tap-k8s-tls', ended, 'linkerd-viz')}`;
    expect((await onViz('tap-certificate-valid', { with: renewed })).affected?.[0]?.detail).toBe('Its certificate expired on 2025-12-31.');
  });

  it('has a Prometheus, its own or another', async () => {
    const without = ['Pod prometheus-1'];
    expect((await onViz('prometheus-ready', { without })).is).toBe('warning');
    const elsewhere = component('linkerd-viz', 'viz', 'metrics-api').replace(
      '{ name: app,',
      '{ name: app, args: ["-prometheus-url=http://prometheus.monitoring.svc:9090"],',
    );
    expect((await onViz('prometheus-ready', { without, with: elsewhere })).reason).toBe('It uses a Prometheus of yours.');
  });

  it('has a metrics API that says it is ready', async () => {
    expect((await onViz('metrics-api-ready', answering({ 9995: { status: 503, body: '' } }))).reason).toContain('status 503');
    expect((await onViz('metrics-api-ready', answering({}))).is).toBe('skipped');
  });

  it('tells how many pods cannot be tapped, as they were injected before', async () => {
    const off = pod('emojivoto', 'voting-1', { annotations: 'viz.linkerd.io/disable-tap: "true"' });
    expect(await onViz('tap-enabled', { with: off })).toEqual({
      is: 'ok',
      reason: '5 of 7 pods can be tapped. 1 was injected before viz and can be tapped after a restart. 1 has tap disabled.',
    });
  });

  it('may scrape proxies that deny by default only where somebody allows it', async () => {
    const denying = pod('emojivoto', 'web-1').replace(
      '        - name: LINKERD2_PROXY_IDENTITY',
      '        - { name: LINKERD2_PROXY_INBOUND_DEFAULT_POLICY, value: deny }\n        - name: LINKERD2_PROXY_IDENTITY',
    );
    expect((await onViz('scrapes-authorized', { with: denying })).affected).toMatchObject([{ resource: { name: 'web-1' } }]);
    const policy = `
apiVersion: policy.linkerd.io/v1alpha1
kind: AuthorizationPolicy
metadata: { name: prometheus-scrape, namespace: emojivoto }
`;
    expect((await onViz('scrapes-authorized', { with: `${denying}---${policy}` })).is).toBe('ok');
  });

  it('has metrics of every proxy that has been there for some time', async () => {
    const known = ['emojivoto/web-1', ...[...VIZ, 'prometheus'].map((name) => `linkerd-viz/${name}-1`)];
    const result = known.map((each) => ({ metric: { namespace: each.split('/')[0], pod: each.split('/')[1] } }));
    const prometheus = answering({ 9090: { status: 200, body: JSON.stringify({ data: { result } }) } });
    expect((await onViz('metrics-present', prometheus)).affected).toMatchObject([{ resource: { name: 'voting-1' } }]);
    const young = pod('emojivoto', 'voting-1').replace('2025-12-30T12:00:00Z', '2026-01-01T11:59:00Z');
    expect((await onViz('metrics-present', { ...prometheus, with: young })).is).toBe('ok');
    expect((await onViz('metrics-present', answering({ 9090: { status: 200, body: '<html>' } }))).is).toBe('skipped');
  });
});

const alive = (value: number) => answering({ 9999: { status: 200, body: `gateway_alive{target_cluster_name="east"} ${value}\n` } });
const onLinks = (id: string, changes: Changes = {}): Promise<CheckResult> =>
  resultOf(`multicluster-${id}`, { ...alive(1), served: LINK_KINDS, ...changes, with: `${linked}---${changes.with ?? ''}` });

describe('the extension multicluster', () => {
  it('is not missed', async () => {
    expect(await resultOf('multicluster-links-valid')).toMatchObject({
      is: 'ok',
      reason: 'The cluster is linked to no other.',
      isMoot: true,
    });
    expect((await resultOf('multicluster-links-defined')).is).toBe('ok');
  });

  it('has no problem when it is healthy, but for what only the other cluster knows', async () => {
    const found = await problems({ with: linked, mode: 'running', ...alive(1), served: LINK_KINDS });
    expect(Object.keys(found)).toEqual(['definitions-served', 'multicluster-anchors-shared']);
    expect(found['multicluster-anchors-shared']).toMatchObject({ is: 'skipped', reason: expect.stringContaining('"east"') });
  });

  it('needs its definition, and Links that are whole', async () => {
    expect((await onLinks('links-defined', { served: [] })).is).toBe('failed');
    const holes = link()
      .replace(/gatewayIdentity.*/, '')
      .replace(/targetClusterDomain.*/, '');
    expect((await onLinks('links-valid', { with: holes })).affected?.[0]?.detail).toBe(
      'Its spec lacks "targetClusterDomain" and "gatewayIdentity".',
    );
    const twin = link().replace('name: east, namespace', 'name: twin, namespace');
    expect((await onLinks('links-valid', { with: twin })).is).toBe('warning');
  });

  it('warns of Links of older releases, when they tell', async () => {
    expect((await onLinks('link-versions-current', { with: link('', 'linkerd.io/created-by: "linkerd/cli edge-24.1.1"') })).is).toBe(
      'warning',
    );
    expect((await onLinks('link-versions-current', { with: link('', 'linkerd.io/created-by: helm') })).is).toBe('ok');
  });

  it('needs credentials, and shows none of them', async () => {
    const detail = async (changes: Changes): Promise<unknown> => (await onLinks('credentials-valid', changes)).affected?.[0]?.detail;
    expect(await detail({})).toBeUndefined();
    expect(await detail({ without: ['Secret cluster-credentials-east'] })).toContain('does not exist');
    expect(await detail({ with: credentials(`]${TOKEN}`) })).toContain('holds no kubeconfig');
    expect(await detail({ with: credentials(kubeconfig.replace(/server: [^ ]+/, 'proxy-url: x')) })).toContain('names no server');
    expect(await detail({ with: credentials(kubeconfig.replace(`token: ${TOKEN}`, '')) })).toContain('has no credentials');
    const ended = authority('mirror', { notAfter: NOW - DAY, isCa: false });
    const certificate = kubeconfig.replace(`token: ${TOKEN}`, `client-certificate-data: ${base64(ended.certificatePem)}`);
    expect(await detail({ with: credentials(certificate) })).toContain('expired on 2025-12-31');
    const whole = await problems({ with: `${linked}---${credentials(`]${TOKEN}`)}`, mode: 'running', served: LINK_KINDS });
    expect(JSON.stringify(Object.values(whole).map(({ reason, hint }) => [reason, hint]))).not.toContain(TOKEN);
  });

  it('needs one service mirror for each Link, with its permissions', async () => {
    expect((await onLinks('mirrors-running', { without: ['Deployment controller-east'] })).affected?.[0]?.detail).toBe(
      'No Deployment mirrors the services of its cluster.',
    );
    expect((await onLinks('mirrors-running', { with: controller('controller-east', 'controller', 0) })).is).toBe('failed');
    const legacy = controller('linkerd-service-mirror-east', 'service-mirror');
    expect((await onLinks('mirrors-running', { with: legacy })).affected?.[0]?.detail).toContain('2 Deployments');
    expect((await onLinks('mirrors-managed', { with: legacy })).affected).toMatchObject([
      { resource: { name: 'linkerd-service-mirror-east' } },
    ]);
    expect((await onLinks('permissions-exist', { without: ['ServiceAccount controller-east'] })).is).toBe('failed');
    expect((await onLinks('permissions-exist', { without: ['RoleBinding mirror-controller-east'] })).affected?.[0]?.detail).toBe(
      'No RoleBinding names its ServiceAccount "controller-east".',
    );
  });

  it('asks the mirror that holds the lease whether the gateway answers', async () => {
    expect((await onLinks('gateways-alive')).is).toBe('ok');
    expect((await onLinks('gateways-alive', alive(0))).affected?.[0]?.detail).toBe(
      'Its service mirror gets no answer from the gateway of cluster "east".',
    );
    expect((await onLinks('gateways-alive', answering({}))).is).toBe('ok');
    expect((await onLinks('gateways-alive', { ...answering({}), without: ['EndpointSlice probe-east-x'] })).is).toBe('failed');
    expect((await onLinks('gateways-alive', { without: ['Service probe-east'] })).affected?.[0]?.detail).toContain('no probe service');
    const direct = link().replace('gatewayAddress: 198.51.100.4', '');
    expect((await onLinks('gateways-alive', { with: direct, without: ['Service probe-east'] })).is).toBe('ok');
  });

  it('finds mirrors without endpoints, but no remote-discovery or federated ones', async () => {
    expect((await onLinks('mirrors-have-endpoints', { without: ['EndpointSlice web-east-x'] })).affected).toMatchObject([
      { resource: { name: 'web-east' }, detail: 'It is mirrored from cluster "east" and has no endpoint.' },
    ]);
    const federated = mirror('web-federated', 'east', 'multicluster.linkerd.io/remote-discovery: web@east');
    expect((await onLinks('mirrors-have-endpoints', { with: federated })).is).toBe('ok');
  });

  it('finds mirrors whose Link is gone, also when it was the last one', async () => {
    expect((await onLinks('mirrors-linked')).is).toBe('ok');
    expect((await onLinks('mirrors-linked', { without: ['Link east'] })).affected).toMatchObject([{ resource: { name: 'web-east' } }]);
  });

  it('has proxies that are ready and current', async () => {
    const labels = 'linkerd.io/extension: multicluster, component: controller-east';
    const old = pod('linkerd-multicluster', 'controller-east-1', { labels, isReady: false, version: 'edge-24.1.1' });
    expect((await onLinks('proxies-ready', { with: old })).is).toBe('failed');
    expect((await onLinks('proxies-current', { with: old })).is).toBe('warning');
  });
});
