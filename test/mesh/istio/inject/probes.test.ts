import { describe, expect, it } from 'vitest';
import { APP, container, deployment, envOf, injected, injectorWith, requestFor } from './injectors.ts';

const PROBERS = 'ISTIO_KUBE_APP_PROBERS';

const probed = {
  ...APP,
  readinessProbe: { httpGet: { path: '/ready?a=1&b=2', port: 'http', scheme: 'HTTPS' }, timeoutSeconds: 2, periodSeconds: 5 },
  livenessProbe: { tcpSocket: { port: 8080 } },
  startupProbe: { grpc: { port: 9090 } },
  lifecycle: { preStop: { httpGet: { path: '/stop', port: 8080 } }, postStart: { exec: { command: ['true'] } } },
};

describe('probes', () => {
  it('go to the agent, which is told what to ask instead', async () => {
    const pod = injected((await injectorWith()).inject(requestFor(deployment({ containers: [probed] }))));
    expect(container(pod, 'app')).toEqual({
      ...probed,
      readinessProbe: { httpGet: { path: '/app-health/app/readyz', port: 15020, scheme: 'HTTP' }, timeoutSeconds: 2, periodSeconds: 5 },
      livenessProbe: { httpGet: { path: '/app-health/app/livez', port: 15020 } },
      startupProbe: { httpGet: { path: '/app-health/app/startupz', port: 15020 } },
      lifecycle: { preStop: { httpGet: { path: '/app-lifecycle/app/prestopz', port: 15020 } }, postStart: { exec: { command: ['true'] } } },
    });
    expect(envOf(pod, PROBERS)).toBe(
      '{"/app-health/app/livez":{"tcpSocket":{"port":8080}},' +
        '"/app-health/app/readyz":{"httpGet":{"path":"/ready?a=1\\u0026b=2","port":8080,"scheme":"HTTPS"},"timeoutSeconds":2},' +
        '"/app-health/app/startupz":{"grpc":{"port":9090,"service":null}},' +
        '"/app-lifecycle/app/prestopz":{"httpGet":{"path":"/stop","port":8080}}}',
    );
  });

  it('that come later are told to the agent besides those it knows', async () => {
    const injector = await injectorWith();
    const once =
      injector.inject(requestFor(deployment({ containers: [{ ...APP, livenessProbe: { tcpSocket: { port: 1 } } }] }))).object ?? {};
    const later = structuredClone(once) as { spec: { template: { spec: { containers: Record<string, unknown>[] } } } };
    later.spec.template.spec.containers.splice(1, 0, { name: 'late', image: 'x', livenessProbe: { tcpSocket: { port: 2 } } });
    const pod = injected(injector.inject(requestFor(later as never)));
    expect(JSON.parse(String(envOf(pod, PROBERS)))).toEqual({
      '/app-health/app/livez': { tcpSocket: { port: 1 } },
      '/app-health/late/livez': { tcpSocket: { port: 2 } },
    });
  });

  it('ask the port of the agent that the pod names', async () => {
    const annotations = { 'status.sidecar.istio.io/port': '15555' };
    const pod = injected((await injectorWith()).inject(requestFor(deployment({ containers: [probed] }, { annotations }))));
    expect(container(pod, 'app')).toMatchObject({ livenessProbe: { httpGet: { port: 15555 } } });
  });

  it.each([
    ['by annotation', { annotations: { 'sidecar.istio.io/rewriteAppHTTPProbers': 'false' } }, {}],
    ['by the values', {}, { 'sidecarInjectorWebhook.rewriteAppHTTPProbe': 'false' }],
  ])('stay as they are when that is said %s', async (_, metadata, settings) => {
    const pod = injected((await injectorWith({ settings })).inject(requestFor(deployment({ containers: [probed] }, metadata))));
    expect(container(pod, 'app')).toBe(probed);
    expect(envOf(pod, PROBERS)).toBeUndefined();
  });

  it('of a port that nobody names are asked by nobody', async () => {
    const app = { ...APP, livenessProbe: { httpGet: { port: 'other' } } };
    const pod = injected((await injectorWith()).inject(requestFor(deployment({ containers: [app] }))));
    expect(envOf(pod, PROBERS)).toBeUndefined();
    expect(container(pod, 'app')).toMatchObject({ livenessProbe: { httpGet: { path: '/app-health/app/livez', port: 15020 } } });
  });
});
