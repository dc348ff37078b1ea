import { describe, expect, it } from 'vitest';
import { imagesOf } from '../../../../src/mesh/istio/inject/images.ts';
import { meshSettings } from '../../../../src/mesh/istio/inject/mesh-settings.ts';
import { InjectProblem } from '../../../../src/mesh/istio/inject/problem.ts';
import {
  DEFAULT_PROXY_CONFIG,
  mergeProxyConfig,
  parseProxyConfig,
  proxyConfigJson,
} from '../../../../src/mesh/istio/inject/proxy-config.ts';
import type { Body } from '../../../../src/model/resource.ts';

const jsonOf = (over: Body): string => proxyConfigJson(mergeProxyConfig(DEFAULT_PROXY_CONFIG, over));

describe('the configuration that the proxy is handed', () => {
  it.each<[string, Body]>([
    ['{}', {}],
    ['{}', { drainDuration: '45.0s', statusPort: '15020', proxyMetadata: {}, meshId: '', interceptionMode: 'REDIRECT', concurrency: null }],
    ['{"statusPort":1,"meshId":"m"}', { meshId: 'm', statusPort: '1' }],
    ['{"concurrency":0,"holdApplicationUntilProxyStarts":false}', { holdApplicationUntilProxyStarts: false, concurrency: 0 }],
    ['{"tracingServiceName":"CANONICAL_NAME_ONLY"}', { tracing_service_name: 'CANONICAL_NAME_ONLY' }],
    ['{"tracing":{"zipkin":{"address":"z:9411"}},"newField":{"a":1}}', { newField: { a: 1 }, tracing: { zipkin: { address: 'z:9411' } } }],
  ])('is %s', (json, over) => {
    expect(jsonOf(over)).toBe(json);
  });

  it('merges the environment and replaces the rest', () => {
    const base = { proxyMetadata: { A: '1', B: '1' }, tracing: { sampling: 1, zipkin: {} } };
    expect(mergeProxyConfig(base, { proxy_metadata: { B: '2' }, tracing: { sampling: 5 } })).toEqual({
      proxyMetadata: { A: '1', B: '2' },
      tracing: { sampling: 5 },
    });
  });

  it('is refused when it is no mapping', () => {
    expect(parseProxyConfig('')).toEqual({});
    for (const text of ['a: ]', '7']) expect(() => parseProxyConfig(text)).toThrow(InjectProblem);
  });
});

it('reads the mesh configuration over the defaults of Istio', () => {
  expect(meshSettings({})).toMatchObject({
    statusPort: 15020,
    mergesPrometheus: true,
    inboundMode: 'passthrough',
    enrichesServices: false,
  });
  const given = meshSettings({
    root_namespace: 'mesh',
    rootNamespace: 'mesh',
    enablePrometheusMerge: false,
    inboundTrafficPolicy: { mode: 'LOCALHOST' },
    defaultConfig: { statusPort: 1 },
    extensionProviders: [{ name: 'otel', opentelemetry: { serviceAttributeEnrichment: 'OTEL_SEMANTIC_CONVENTIONS' } }],
  });
  expect(given).toMatchObject({
    rootNamespace: 'mesh',
    statusPort: 1,
    mergesPrometheus: false,
    inboundMode: 'localhost',
    enrichesServices: true,
  });
});

describe('the image of the proxy', () => {
  const values = (global: Body): Body => ({ global: { hub: 'hub', ...global } });
  it.each<[string, Body, string | undefined, string | undefined]>([
    ['hub/proxyv2:11', { tag: 11 }, undefined, undefined],
    ['hub/proxyv2:1.12-distroless', { tag: 1.12 }, 'distroless', undefined],
    ['hub/proxyv2:1.12-debug', { tag: '1.12-distroless' }, 'distroless', 'debug'],
    ['hub/proxyv2:1.12', { tag: '1.12-debug' }, 'debug', 'default'],
    ['hub/other:1-x', { tag: '1', variant: 'x', proxy: { image: 'other' } }, undefined, undefined],
  ])('is %s', (image, global, configured, annotated) => {
    const annotations: Record<string, string> = annotated ? { 'sidecar.istio.io/proxyImageType': annotated } : {};
    expect(imagesOf(values(global), configured ? { image: { imageType: configured } } : {}, annotations).proxy).toBe(image);
  });
});
