import { describe, expect, it } from 'vitest';
import { inject } from '../../../../src/mesh/istio/inject/index.ts';
import { objectAt } from '../../../../src/model/body.ts';
import type { Body } from '../../../../src/model/resource.ts';
import { APP, configText, deployment, injectorWith, podOf, requestFor } from './injectors.ts';

async function backAndForth(object: Body, settings: Record<string, string> = {}, config = configText()): Promise<Body> {
  const injector = await injectorWith({ config, settings });
  const after = injector.inject(requestFor(object)).object ?? {};
  expect(after).not.toEqual(object);
  const back = inject.uninject(requestFor(after));
  expect(back.action).toBe('uninjected');
  return back.object ?? {};
}

const proxy = (more: Body = {}): Body => ({ name: 'istio-proxy', image: 'auto', ...more });

describe('uninject', () => {
  it.each<[string, Body, Record<string, string>?]>([
    ['a plain workload', deployment()],
    ['one without labels', deployment({}, { labels: undefined })],
    ['a native sidecar', deployment({ initContainers: [{ name: 'setup', image: 'x' }] }), { 'native-sidecars': 'true' }],
    ['volumes and secrets of its own', deployment({ volumes: [{ name: 'data' }], imagePullSecrets: [{ name: 'hub' }] })],
    ['annotations for Prometheus', deployment({}, { annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9090' } })],
    ['targets for Prometheus', deployment({}, { annotations: { 'prometheus.istio.io/scrape-targets': '9090:/m,9091:/n' } })],
    ['a proxy that is customized', deployment({ containers: [APP, proxy({ env: [{ name: 'A', value: 'b' }] })] })],
    ['the same for a native one', deployment({ containers: [APP, proxy({ tty: true })] }), { 'native-sidecars': 'true' }],
    ['a gateway', deployment({ containers: [proxy()] })],
    ['names of its own', deployment({}, { labels: { app: 'web', 'service.istio.io/canonical-name': 'shop' } })],
    ['a network', deployment(), { 'global.network': 'west' }],
    [
      'probes',
      deployment({
        containers: [
          {
            ...APP,
            readinessProbe: {
              httpGet: { path: '/a', port: 80, scheme: 'HTTPS', httpHeaders: [{ name: 'x', value: '' }] },
              timeoutSeconds: 2,
            },
            livenessProbe: { grpc: { port: 8080 }, periodSeconds: 4 },
            startupProbe: { tcpSocket: { port: 'http' } },
            lifecycle: { postStart: { tcpSocket: { port: 80 } } },
          },
        ],
      }),
    ],
  ])('takes everything back: %s', async (_, object, settings) => {
    expect(await backAndForth(object, settings)).toEqual(object);
  });

  it('takes back what the CNI plugin was told', async () => {
    const sidecar = `
metadata:
  annotations:
    sidecar.istio.io/interceptionMode: REDIRECT
    traffic.sidecar.istio.io/includeInboundPorts: "{{ annotation .ObjectMeta "traffic.sidecar.istio.io/includeInboundPorts" "*" }}"
    traffic.sidecar.istio.io/excludeInboundPorts: "{{ excludeInboundPort 15020 (annotation .ObjectMeta "traffic.sidecar.istio.io/excludeInboundPorts" "") }}"
    k8s.v1.cni.cncf.io/networks: '{{ appendMultusNetwork (index .ObjectMeta.Annotations "k8s.v1.cni.cncf.io/networks") "default/istio-cni" }}'
spec: {initContainers: [{name: istio-validation}], containers: [{name: istio-proxy, args: [proxy, sidecar]}]}`;
    const config = configText('policy: enabled', { sidecar });
    expect(await backAndForth(deployment(), {}, config)).toEqual(deployment());
    for (const networks of ['other', '[{"name": "other"}]']) {
      const own = { 'traffic.sidecar.istio.io/includeInboundPorts': '80', 'traffic.sidecar.istio.io/excludeInboundPorts': '4,5' };
      const object = deployment({}, { annotations: { ...own, 'k8s.v1.cni.cncf.io/networks': networks } });
      expect(await backAndForth(object, {}, config)).toEqual(object);
    }
  });

  it('leaves a probe alone that somebody changed since', async () => {
    const injector = await injectorWith();
    const after =
      injector.inject(requestFor(deployment({ containers: [{ ...APP, livenessProbe: { tcpSocket: { port: 1 } } }] }))).object ?? {};
    const changed = JSON.parse(JSON.stringify(after).replace('/app-health/app/livez","port":15020', '/alive","port":8080'));
    const { object } = inject.uninject(requestFor(changed));
    expect(objectAt(podOf(object ?? {}), 'spec')['containers']).toMatchObject([
      { livenessProbe: { httpGet: { path: '/alive', port: 8080 } } },
    ]);
  });

  it('finds a proxy without the note of it', () => {
    const object = deployment({
      containers: [APP, { name: 'istio-proxy', args: ['proxy', 'sidecar'] }],
      initContainers: [{ name: 'istio-init' }],
      volumes: [{ name: 'istio-envoy' }],
    });
    expect(inject.uninject(requestFor(object)).object).toEqual(deployment());
  });

  it.each([
    ['nothing', deployment()],
    ['a gateway that waits for the webhook', deployment({ containers: [proxy()] })],
  ])('leaves what has no proxy: %s', (_, object) => {
    expect(inject.uninject(requestFor(object))).toMatchObject({ action: 'unchanged', reasons: [{ code: 'not-injected' }] });
  });
});
