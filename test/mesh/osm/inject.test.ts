import { describe, expect, it } from 'vitest';
import { inject } from '../../../src/mesh/osm/inject.ts';
import { stringMapAt } from '../../../src/model/body.ts';
import { codes, injected, requestFrom } from '../injection/requests.ts';

const pod = (metadata = ''): string => `
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop${metadata && `, ${metadata}`} }
spec: { containers: [{ name: web }, { name: envoy }] }
`;

const shop = (labels: string): string => `---
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: ${labels} }
`;

describe('osm inject', () => {
  it('annotates, and tells that the mesh is archived', async () => {
    const outcome = await injected(inject, pod() + shop('{ openservicemesh.io/monitored-by: osm }'));
    expect([outcome.action, codes(outcome)]).toEqual(['annotated', ['archived']]);
    expect(stringMapAt(outcome.object, 'metadata', 'annotations')).toEqual({ 'openservicemesh.io/sidecar-injection': 'enabled' });
  });

  it.each([
    [['namespace-not-marked', 'archived'], 'annotated', pod() + shop('{}')],
    [['namespace-excluded'], 'skipped', pod() + shop('{ openservicemesh.io/ignore: "true" }')],
    [['disabled-by-annotation'], 'skipped', pod('annotations: { openservicemesh.io/sidecar-injection: "no" }')],
    [['invalid-annotation'], 'failed', pod('annotations: { openservicemesh.io/sidecar-injection: maybe }')],
  ])('tells of %s', async (reasons, action, yaml) => {
    const outcome = await injected(inject, yaml);
    expect([codes(outcome), outcome.action]).toEqual([reasons, action]);
  });

  it('lets a Namespace be monitored by the mesh that is named', async () => {
    const { object } = await injected(inject, shop('{}'), { settings: { 'osm-mesh': 'blue' } });
    expect(object?.['metadata']).toEqual({
      name: 'shop',
      labels: { 'openservicemesh.io/monitored-by': 'blue' },
      annotations: { 'openservicemesh.io/sidecar-injection': 'enabled' },
    });
    expect(inject.namespaceMarks?.({})).toMatchObject({ labels: { 'openservicemesh.io/monitored-by': 'osm' } });
  });
});

describe('osm uninject', () => {
  it('takes an Envoy for its own only where the injector marked the pod', () => {
    expect(inject.uninject(requestFrom(pod())).action).toBe('unchanged');
    const { object } = inject.uninject(requestFrom(pod('labels: { osm-proxy-uuid: a }')));
    expect(object).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { containers: [{ name: 'web' }] },
    });
  });
});
