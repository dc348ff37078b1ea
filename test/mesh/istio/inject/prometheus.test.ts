import { describe, expect, it } from 'vitest';
import { objectAt } from '../../../../src/model/body.ts';
import { deployment, envOf, injected, injectorWith, requestFor } from './injectors.ts';

const SCRAPING = 'ISTIO_PROMETHEUS_ANNOTATIONS';
const MERGED = { 'prometheus.io/path': '/stats/prometheus', 'prometheus.io/port': '15020', 'prometheus.io/scrape': 'true' };

async function scraped(annotations: Record<string, string>, mesh = ''): Promise<{ annotations: unknown; told: unknown }> {
  const pod = injected((await injectorWith({ mesh })).inject(requestFor(deployment({}, { annotations }))));
  const own = Object.entries(objectAt(pod, 'metadata', 'annotations')).filter(([name]) => name.startsWith('prometheus'));
  const told = envOf(pod, SCRAPING);
  return { annotations: Object.fromEntries(own), told: told === undefined ? undefined : JSON.parse(String(told)) };
}

describe('metrics', () => {
  it('are fetched from the agent, which is told of those of the application', async () => {
    expect(await scraped({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9090' })).toEqual({
      annotations: MERGED,
      told: { scrape: 'true', path: '', port: '9090' },
    });
  });

  it('of an application that says nothing are the proxy only', async () => {
    expect(await scraped({})).toEqual({ annotations: MERGED, told: undefined });
  });

  it('may come from several ports, the first of which older agents know', async () => {
    expect(await scraped({ 'prometheus.istio.io/scrape-targets': '9090:/m, 9091' })).toEqual({
      annotations: MERGED,
      told: {
        scrape: '',
        path: '/m',
        port: '9090',
        targets: [
          { port: '9090', path: '/m' },
          { port: '9091', path: '/metrics' },
        ],
      },
    });
  });

  it('are found by annotations that Prometheus reads the same', async () => {
    expect(await scraped({ 'prometheus.io.port': '9090', 'prometheus-io/path': '/x' })).toEqual({
      annotations: MERGED,
      told: { scrape: '', path: '/x', port: '9090' },
    });
  });

  it.each([
    ['the pod is not scraped', { 'prometheus.io/scrape': 'false' }, ''],
    ['the pod says so', { 'prometheus.istio.io/merge-metrics': 'false' }, ''],
    ['the mesh says so', {}, 'enablePrometheusMerge: false'],
  ])('stay apart when %s', async (_, annotations, mesh) => {
    expect(await scraped(annotations, mesh)).toEqual({ annotations, told: undefined });
  });

  it('keep their port behind TLS when the proxy opens one', async () => {
    const config = 'proxyMetadata: {ENVOY_SECURE_MERGED_METRICS_PORT: "15091"}';
    const sidecar =
      'spec: {containers: [{name: istio-proxy, env: [{name: ENVOY_SECURE_MERGED_METRICS_PORT, value: "{{ .ProxyConfig.ProxyMetadata.ENVOY_SECURE_MERGED_METRICS_PORT }}"}]}]}';
    const { configText } = await import('./injectors.ts');
    const injector = await injectorWith({ config: configText('policy: enabled', { sidecar }) });
    const pod = injected(injector.inject(requestFor(deployment({}, { annotations: { 'proxy.istio.io/config': config } }))));
    expect(objectAt(pod, 'metadata', 'annotations')['prometheus.istio.io/secure-port']).toBe('15091');
  });
});
