import { describe, expect, it } from 'vitest';
import { injectorConfigs } from '../../../src/mesh/istio/injector-config.ts';
import { type InjectedImage, proxyImages } from '../../../src/mesh/istio/proxy-image.ts';
import { workloads } from '../../../src/model/workloads.ts';
import { setFrom } from '../../builders.ts';

interface Given {
  readonly global?: unknown;
  readonly annotations?: Readonly<Record<string, string>>;
  /** ProxyConfigs: namespace, variant, selector and time of creation. */
  readonly configs?: readonly (readonly [namespace: string, imageType: string | undefined, selector?: unknown, created?: string])[];
  readonly meshes?: Readonly<Record<string, string>>;
  readonly revision?: string;
}

const RELEASE = { hub: 'registry.istio.io/release', tag: '1.30.0' };

function imageFor({
  global = RELEASE,
  annotations = {},
  configs = [],
  meshes = {},
  revision = 'default',
}: Given): InjectedImage | undefined {
  const suffix = revision === 'default' ? '' : `-${revision}`;
  const objects = [
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' }, annotations }, spec: {} },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `istio-sidecar-injector${suffix}`, namespace: 'istio-system' },
      data: { values: JSON.stringify({ global }) },
    },
    ...Object.entries(meshes).map(([name, imageType]) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'istio-system' },
      data: { mesh: `defaultConfig: {image: {imageType: ${imageType}}}` },
    })),
    ...configs.map(([namespace, imageType, selector, creationTimestamp], index) => ({
      apiVersion: 'networking.istio.io/v1beta1',
      kind: 'ProxyConfig',
      metadata: { name: `config-${index}`, namespace, creationTimestamp },
      spec: { image: { imageType }, ...(selector !== undefined && { selector }) },
    })),
  ];
  const set = setFrom(objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  const pod = set.derive(workloads).all[0];
  const config = set.derive(injectorConfigs).forRevision(revision);
  return pod && config && set.derive(proxyImages).injectedInto(pod, config);
}

const tagOf = (given: Given): string | undefined => imageFor(given)?.image.replace('registry.istio.io/release/proxyv2:', '');

describe('the injected proxy image', () => {
  it.each([
    [RELEASE, 'registry.istio.io/release/proxyv2:1.30.0'],
    [{ ...RELEASE, proxy: { image: 'proxy' } }, 'registry.istio.io/release/proxy:1.30.0'],
    [{ ...RELEASE, proxy: { image: 'registry.example.com/proxy:7' } }, 'registry.example.com/proxy:7'],
    [{ ...RELEASE, tag: 7 }, 'registry.istio.io/release/proxyv2:7'],
    [{ ...RELEASE, variant: 'distroless' }, 'registry.istio.io/release/proxyv2:1.30.0-distroless'],
    [{ ...RELEASE, tag: '1.30.0-distroless' }, 'registry.istio.io/release/proxyv2:1.30.0-distroless'],
    [{ ...RELEASE, tag: '1.30.0-distroless', variant: 'debug' }, 'registry.istio.io/release/proxyv2:1.30.0-debug'],
    [{ ...RELEASE, tag: '1.30.0-distroless', variant: 'default' }, 'registry.istio.io/release/proxyv2:1.30.0'],
    [{ hub: RELEASE.hub }, undefined],
    [{ tag: RELEASE.tag }, undefined],
    ['nonsense', undefined],
  ])('for values %j is %s', (global, expected) => {
    expect(imageFor({ global })?.image).toBe(expected);
  });

  it.each<readonly [string, Given, string]>([
    ['the mesh', { meshes: { istio: 'debug' } }, '1.30.0-debug'],
    ['the mesh of its revision', { meshes: { istio: 'debug', 'istio-canary': 'distroless' }, revision: 'canary' }, '1.30.0-distroless'],
    ['the root namespace, above the mesh', { meshes: { istio: 'debug' }, configs: [['istio-system', 'distroless']] }, '1.30.0-distroless'],
    [
      'the namespace, above the root namespace',
      {
        configs: [
          ['istio-system', 'debug'],
          ['shop', 'distroless'],
        ],
      },
      '1.30.0-distroless',
    ],
    [
      'the workload, above the namespace',
      {
        configs: [
          ['shop', 'debug'],
          ['shop', 'distroless', { matchLabels: { app: 'web' } }],
        ],
      },
      '1.30.0-distroless',
    ],
    [
      'the annotation, above the namespace',
      { configs: [['shop', 'debug']], annotations: { 'proxy.istio.io/config': 'image: {imageType: distroless}' } },
      '1.30.0-distroless',
    ],
    [
      'the workload, above the annotation',
      {
        configs: [['shop', 'distroless', { matchLabels: { app: 'web' } }]],
        annotations: { 'proxy.istio.io/config': 'image: {imageType: debug}' },
      },
      '1.30.0-distroless',
    ],
    [
      "the pod's own annotation, above all",
      {
        configs: [['shop', 'distroless', { matchLabels: { app: 'web' } }]],
        annotations: { 'sidecar.istio.io/proxyImageType': 'debug' },
      },
      '1.30.0-debug',
    ],
    [
      'the oldest of several',
      {
        configs: [
          ['shop', 'debug', undefined, '2026-02-01'],
          ['shop', 'distroless', undefined, '2026-01-01'],
        ],
      },
      '1.30.0-distroless',
    ],
    ['nobody when it is said to be the default', { meshes: { istio: 'distroless' }, configs: [['shop', 'default']] }, '1.30.0'],
    [
      'nobody when it is configured for others',
      {
        configs: [
          ['shop-b', 'debug'],
          ['shop', 'debug', { matchLabels: { app: 'db' } }],
        ],
      },
      '1.30.0',
    ],
    ['nobody when the selector is empty', { configs: [['shop', 'debug', {}]] }, '1.30.0'],
    [
      'nobody when the annotation is malformed',
      { annotations: { 'proxy.istio.io/config': 'image: [', 'proxy.istio.io/overrides': '{' } },
      '1.30.0',
    ],
  ])('has the variant of %s', (_, given, expected) => {
    expect(tagOf(given)).toBe(expected);
  });

  it('names the plain image too, without the variant', () => {
    const given = { configs: [['shop', 'debug']] } as const;
    expect(imageFor(given)).toEqual({
      image: 'registry.istio.io/release/proxyv2:1.30.0-debug',
      plain: 'registry.istio.io/release/proxyv2:1.30.0',
    });
  });

  it("is the pod's own business when it brings one", () => {
    expect(imageFor({ annotations: { 'sidecar.istio.io/proxyImage': 'proxy:7' } })).toBeUndefined();
    const overrides = (image: string) => ({ 'proxy.istio.io/overrides': JSON.stringify({ containers: [{ name: 'istio-proxy', image }] }) });
    expect(imageFor({ annotations: overrides('proxy:7') })).toBeUndefined();
    expect(imageFor({ annotations: overrides('auto') })).toBeDefined();
  });
});
