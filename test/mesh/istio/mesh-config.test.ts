import { describe, expect, it } from 'vitest';
import { MESH_CONFIG } from '../../../src/mesh/istio/kinds.ts';
import { type MeshConfig, meshConfig, meshNetworks } from '../../../src/mesh/istio/mesh-config.ts';
import type { Body, Resource } from '../../../src/model/resource.ts';
import { resourceSet, type Settings } from '../../../src/model/resource-set.ts';
import { resourcesFrom } from '../../builders.ts';

/** The mesh configuration as `--mesh-config` hands it over. */
function meshFile(body: Body): Resource {
  return {
    apiVersion: 'istio.io/v1',
    kind: MESH_CONFIG,
    namespace: '',
    namespaceGiven: false,
    name: 'mesh',
    labels: {},
    annotations: {},
    body,
  };
}

/** A control plane's ConfigMap whose key `mesh` holds the given lines. */
function configMap(lines: readonly string[], name = 'istio', namespace = 'istio-system', key = 'mesh'): Resource {
  const text = lines.map((line) => `    ${line}`).join('\n');
  const yaml = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: ${namespace} }\ndata:\n  ${key}: |\n${text}\n`;
  const [resource] = resourcesFrom(yaml);
  if (!resource) throw new Error(yaml);
  return resource;
}

function meshOf(resources: readonly Resource[], settings: Partial<Settings> = {}): MeshConfig {
  return resourceSet(resources, { settings }).derive(meshConfig);
}

describe('the mesh configuration', () => {
  it("is Istio's defaults when nothing is given", () => {
    expect(meshOf([])).toMatchObject({
      body: {},
      resource: undefined,
      rootNamespace: 'istio-system',
      trustDomain: 'cluster.local',
      ingressControllerMode: 'STRICT',
      ingressService: 'istio-ingressgateway',
      defaultServiceExportTo: ['*'],
      defaultVirtualServiceExportTo: ['*'],
      defaultDestinationRuleExportTo: ['*'],
      defaultAccessLogging: [],
      extensionProviders: new Map(),
    });
  });

  it('takes from the ConfigMap what it sets', () => {
    const map = configMap([
      'rootNamespace: istio-config',
      'trustDomain: example.org',
      'defaultServiceExportTo: ["."]',
      'defaultProviders: { accessLogging: [envoy] }',
      'extensionProviders: [{ name: otel, opentelemetry: { port: 4317 } }, { name: typeless }]',
    ]);
    expect(meshOf([map])).toMatchObject({
      resource: map,
      rootNamespace: 'istio-config',
      trustDomain: 'example.org',
      defaultServiceExportTo: ['.'],
      defaultVirtualServiceExportTo: ['*'],
      defaultAccessLogging: ['envoy'],
      extensionProviders: new Map([['otel', 'opentelemetry']]),
    });
  });

  it('is the file alone when there is a file', () => {
    const file = meshFile({ trustDomain: 'file.example' });
    const mesh = meshOf([configMap(['trustDomain: map.example', 'rootNamespace: istio-config']), file]);
    expect(mesh).toMatchObject({ resource: file, trustDomain: 'file.example', rootNamespace: 'istio-system' });
  });

  it.each([
    { revision: undefined, expected: 'default.example' },
    { revision: 'default', expected: 'default.example' },
    { revision: 'canary', expected: 'canary.example' },
    { revision: 'unknown', expected: 'cluster.local' },
  ])('is that of revision $revision', ({ revision, expected }) => {
    const maps = [configMap(['trustDomain: default.example']), configMap(['trustDomain: canary.example'], 'istio-canary')];
    expect(meshOf(maps, { revision }).trustDomain).toBe(expected);
  });

  it('stands in the root namespace that the settings name, which also wins over the one it names', () => {
    const maps = [
      configMap(['trustDomain: elsewhere.example']),
      configMap(['trustDomain: here.example', 'rootNamespace: other'], 'istio', 'istio-config'),
    ];
    expect(meshOf(maps, { rootNamespace: 'istio-config' })).toMatchObject({ trustDomain: 'here.example', rootNamespace: 'istio-config' });
  });

  it.each([
    { name: 'YAML that does not parse', lines: ['trustDomain: [example.org'] },
    { name: 'a list', lines: ['- trustDomain: example.org'] },
    { name: 'no text', lines: [''] },
    {
      name: 'values of wrong types',
      lines: ['trustDomain: { a: b }', 'defaultServiceExportTo: x', 'extensionProviders: [1, { name: 2 }]'],
    },
  ])('falls back to the defaults where the ConfigMap holds $name', ({ lines }) => {
    expect(meshOf([configMap(lines)])).toMatchObject({
      trustDomain: 'cluster.local',
      defaultServiceExportTo: ['*'],
      extensionProviders: new Map(),
    });
  });
});

describe('the mesh networks', () => {
  it('come from the ConfigMap beside the mesh configuration', () => {
    const map = configMap(['networks: { west: { gateways: [{ port: 15443 }] } }'], 'istio', 'istio-system', 'meshNetworks');
    expect(resourceSet([map]).derive(meshNetworks)).toEqual({
      networks: { west: { gateways: [{ port: 15443 }] } },
      resource: map,
      located: false,
    });
  });

  it('are none by default', () => {
    expect(resourceSet([]).derive(meshNetworks)).toEqual({ networks: {}, resource: undefined, located: false });
  });
});
