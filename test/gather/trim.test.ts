import { describe, expect, it } from 'vitest';
import { trimmed, withKeysOnly } from '../../src/gather/trim.ts';
import type { Body, Resource } from '../../src/model/resource.ts';
import { resourceOf } from '../../src/model/resource-of.ts';

const resource = (body: Body): Resource => resourceOf(body, 'one', { clusterScoped: false, namespace: 'shop', namespaceGiven: true });

describe('trimmed', () => {
  it('drops of a Pod what is mounted and where it may run, and keeps its containers', () => {
    const container = { name: 'web', image: 'web:1', env: [{ name: 'A', value: '1' }] };
    const spec = {
      containers: [{ ...container, volumeMounts: [{ name: 'data' }] }],
      volumes: [{ name: 'data' }],
      tolerations: [{}],
      hostNetwork: true,
    };
    const pod = resource({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one' }, spec, status: { phase: 'Running' } });
    expect(trimmed(pod).body).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'one' },
      spec: { containers: [container], hostNetwork: true },
      status: { phase: 'Running' },
    });
    expect(pod.body['spec']).toBe(spec);
  });

  it('drops the schemas of a CustomResourceDefinition and the images of a Node', () => {
    const versions = [{ name: 'v1', served: true, schema: { openAPIV3Schema: {} } }];
    const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', spec: { versions } };
    expect(trimmed(resource(definition)).body['spec']).toEqual({ versions: [{ name: 'v1', served: true }] });
    const node = { apiVersion: 'v1', kind: 'Node', status: { images: [{}], nodeInfo: { kubeletVersion: 'v1.33.0' } } };
    expect(trimmed(resource(node)).body['status']).toEqual({ nodeInfo: { kubeletVersion: 'v1.33.0' } });
  });

  it.each([
    { apiVersion: 'v1', kind: 'Service', spec: { volumes: [] } },
    { apiVersion: 'v1', kind: 'Pod' },
    { apiVersion: 'v1', kind: 'Pod', spec: 'odd' },
    { apiVersion: 'v1', kind: 'Pod', spec: { containers: 'odd' } },
  ])('gives %j back as it is', (body) => {
    const given = resource(body);
    expect(trimmed(given)).toBe(given);
  });
});

describe('withKeysOnly', () => {
  it('keeps the keys that are named', () => {
    const configMap = resource({ apiVersion: 'v1', kind: 'ConfigMap', data: { mesh: 'a', page: 'b' }, binaryData: { c: 'ZA==' } });
    expect(withKeysOnly(configMap, new Set(['mesh', 'values'])).body).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', data: { mesh: 'a' } });
  });

  it('takes a ConfigMap without data as it is, but for binary data', () => {
    const configMap = resource({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(withKeysOnly(configMap, new Set(['mesh']))).toBe(configMap);
  });
});
