import { describe, expect, it } from 'vitest';
import type { Body } from '../../../../src/model/resource.ts';
import { resourceOf } from '../../../../src/model/resource-of.ts';
import { APP, configText, container, deployment, envOf, injected, injectorWith, podOf, requestFor } from './injectors.ts';

const STATUS = 'sidecar.istio.io/status';

describe('the injector of Istio', () => {
  it('merges the rendered template over the pod and notes what it brought', async () => {
    const injector = await injectorWith();
    const before = deployment();
    const outcome = injector.inject(requestFor(before));
    const pod = injected(outcome);
    expect(pod).toMatchObject({
      metadata: {
        labels: { app: 'web', 'security.istio.io/tlsMode': 'istio', 'service.istio.io/canonical-name': 'web' },
        annotations: {
          'istio.io/rev': 'default',
          'prometheus.io/port': '15020',
          [STATUS]:
            '{"initContainers":null,"containers":["istio-proxy"],"volumes":["istio-data"],"imagePullSecrets":null,"revision":"default"}',
        },
      },
      spec: { volumes: [{ name: 'istio-data' }] },
    });
    expect(container(pod, 'istio-proxy')).toMatchObject({
      image: 'example.com/istio/proxyv2:1.30.0',
      args: ['proxy', 'sidecar', '--log=warning'],
      resources: { requests: { cpu: '1' } },
      securityContext: { runAsUser: 1337 },
    });
    expect(envOf(pod, 'ISTIO_META_OWNER')).toBe('apps/v1/deployments/web');
    expect((podOf(outcome.object ?? {})['spec'] as { containers: unknown[] }).containers[0]).toBe(APP);
    expect(before).toEqual(deployment());
  });

  it('leaves what is injected and up to date as it is', async () => {
    const injector = await injectorWith();
    const once = injector.inject(requestFor(deployment())).object ?? {};
    expect(injector.inject(requestFor(once))).toMatchObject({ action: 'unchanged', reasons: [{ code: 'already-injected' }] });
  });

  it('brings what another version injected up to date', async () => {
    const old = (await injectorWith()).inject(requestFor(deployment())).object ?? {};
    const outcome = (await injectorWith({ settings: { 'global.tag': '1.31.0', 'native-sidecars': 'true' } })).inject(requestFor(old));
    expect(outcome.reasons.map(({ code }) => code)).toEqual(['already-injected']);
    const pod = injected(outcome);
    expect(pod['spec']).toMatchObject({
      containers: [{ name: 'app' }],
      initContainers: [{ name: 'istio-proxy', image: 'example.com/istio/proxyv2:1.31.0' }],
    });
  });

  it.each([
    ['host-network', deployment({ hostNetwork: true }), 'shop'],
    ['system-namespace', deployment(), 'kube-system'],
    ['disabled-by-label', deployment({}, { labels: { 'sidecar.istio.io/inject': 'false' } }), 'shop'],
    ['disabled-by-annotation', deployment({}, { annotations: { 'sidecar.istio.io/inject': 'false' } }), 'shop'],
    ['never-inject-selector', deployment({}, { labels: { job: 'backup' } }), 'shop'],
    ['no-containers', deployment({ containers: [] }), 'shop'],
  ])('skips a pod: %s', async (code, object, namespace) => {
    const injector = await injectorWith({ config: configText('policy: enabled\nneverInjectSelector: [{matchLabels: {job: backup}}]') });
    expect(injector.inject(requestFor(object, namespace))).toMatchObject({ action: 'skipped', reasons: [{ code }] });
  });

  it('injects with the policy "disabled" only who asks, or whom a selector means', async () => {
    const injector = await injectorWith({
      config: configText('policy: disabled\nalwaysInjectSelector: [{matchLabels: {tier: front}}, {}]'),
    });
    const actionFor = (metadata: Record<string, unknown>): unknown => {
      const { action, reasons } = injector.inject(requestFor(deployment({}, metadata)));
      return action === 'skipped' ? reasons[0]?.code : action;
    };
    expect(actionFor({})).toBe('disabled-by-policy');
    expect(actionFor({ labels: { tier: 'front' } })).toBe('injected');
    expect(actionFor({ labels: { 'sidecar.istio.io/inject': 'true' } })).toBe('injected');
    // The label wins over the annotation, its older form.
    expect(actionFor({ labels: { 'sidecar.istio.io/inject': 'true' }, annotations: { 'sidecar.istio.io/inject': 'false' } })).toBe(
      'injected',
    );
  });

  it('injects nothing with a policy that Istio does not know', async () => {
    const injector = await injectorWith({ config: configText('policy: maybe') });
    const object = deployment({}, { labels: { 'sidecar.istio.io/inject': 'true' } });
    expect(injector.inject(requestFor(object))).toMatchObject({ action: 'skipped', reasons: [{ code: 'unknown-policy' }] });
  });

  it('takes the templates that the pod names, and what aliases stand for', async () => {
    const templates = { mark: 'metadata: {annotations: {marked: "yes"}}', colour: 'metadata: {annotations: {colour: blue}}' };
    const injector = await injectorWith({ config: configText('policy: enabled\naliases: {both: [mark, colour]}', templates) });
    const pod = injected(injector.inject(requestFor(deployment({}, { annotations: { 'inject.istio.io/templates': 'sidecar, both' } }))));
    expect(pod).toMatchObject({ metadata: { annotations: { marked: 'yes', colour: 'blue' } } });
    expect(container(pod, 'istio-proxy')).toBeDefined();
  });

  it.each([
    ['unknown-template', { 'inject.istio.io/templates': 'other' }, /has no template "other"; it has "sidecar"/],
    [
      'invalid-annotation',
      { 'status.sidecar.istio.io/port': 'http' },
      /^The annotation "status.sidecar.istio.io\/port" cannot be used: "http" is not a port/,
    ],
    ['invalid-annotation', { 'prometheus.io/port': '15090' }, /send Prometheus to port "15090", which Istio keeps for/],
    ['invalid-annotation', { 'proxy.istio.io/overrides': '[' }, /"proxy.istio.io\/overrides" is no JSON object/],
  ])('fails as the webhook refuses: %s', async (code, annotations, message) => {
    const outcome = (await injectorWith()).inject(requestFor(deployment({}, { annotations })));
    expect(outcome).toMatchObject({ action: 'failed', reasons: [{ code, message: expect.stringMatching(message) }] });
    expect(outcome.object).toBeUndefined();
  });

  it.each([
    ['{{ fail "no luck" }}', /The template "sidecar" of the injector fails: .*no luck/],
    ['{{ if }}', /The template "sidecar" of the injector fails: /],
    ['spec: ]', /makes no YAML for this pod: line 1 of its output, "spec: \]"/],
    ['- 1', /makes no mapping for this pod/],
    ['spec: {containers: [{image: x}]}', /cannot be merged, because it has no "name"/],
  ])('tells of a broken template: %s', async (sidecar, message) => {
    const injector = await injectorWith({ config: configText('policy: enabled', { sidecar }) });
    expect(injector.inject(requestFor(deployment()))).toMatchObject({
      action: 'failed',
      reasons: [{ message: expect.stringMatching(message) }],
    });
  });

  it.each<[string, Body, Body, RegExp]>([
    ['dns-policy', { dnsPolicy: 'Default' }, {}, /may not find the control plane/],
    ['unknown-wish', {}, { labels: { 'sidecar.istio.io/inject': 'yes' } }, /is "yes", which says nothing to Istio/],
    ['unseen-ports', { containers: [{ ...APP, ports: [{ containerPort: 53, protocol: 'UDP' }] }] }, {}, /nothing of "53\/UDP"/],
    ['reserved-port', { containers: [{ ...APP, ports: [{ containerPort: 15021 }] }] }, {}, /Container "app" has port "15021"/],
  ])('remarks on what may surprise: %s', async (code, spec, metadata, message) => {
    const outcome = (await injectorWith()).inject(requestFor(deployment(spec, metadata)));
    expect(outcome).toMatchObject({ action: 'injected', reasons: [{ code, message: expect.stringMatching(message) }] });
  });

  it("runs the proxy as the last of the namespace's users on OpenShift", async () => {
    const annotations = { 'openshift.io/sa.scc.uid-range': '1000620000/10000' };
    const home = resourceOf({ apiVersion: 'v1', kind: 'Namespace', metadata: { annotations } }, 'shop', {
      clusterScoped: true,
      namespace: '',
      namespaceGiven: false,
    });
    const userWith = async (settings: Record<string, string>): Promise<unknown> =>
      container(injected((await injectorWith({ settings })).inject({ ...requestFor(deployment()), home })), 'istio-proxy')[
        'securityContext'
      ];
    expect(await userWith({ 'global.platform': 'openshift' })).toEqual({ runAsUser: 1000629999 });
    expect(await userWith({})).toEqual({ runAsUser: 1337 });
  });

  it('labels the pod with its network and tells the proxy of its cluster', async () => {
    const settings = { 'global.network': 'west', 'global.multiCluster.clusterName': 'one' };
    const pod = injected((await injectorWith({ settings })).inject(requestFor(deployment())));
    expect(pod).toMatchObject({ metadata: { labels: { 'topology.istio.io/network': 'west' } } });
    expect([envOf(pod, 'ISTIO_META_CLUSTER_ID'), envOf(pod, 'ISTIO_META_NETWORK')]).toEqual(['one', 'west']);
  });
});
