import { describe, expect, it } from 'vitest';
import { inject } from '../../../src/mesh/consul/inject.ts';
import { stringMapAt } from '../../../src/model/body.ts';
import { codes, injected, liveWith, parameters, requestFrom } from '../injection/requests.ts';

const pod = (annotations = '{}', namespace = 'shop', containers = '[{ name: web }]'): string => `
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: ${namespace}, labels: { app: web }, annotations: ${annotations} }
spec: { containers: ${containers} }
`;

const INJECTOR = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: consul-connect-injector, namespace: consul, labels: { component: connect-injector } }
spec: { template: { spec: { containers: [{ name: injector, args: ["-deny-k8s-namespace=closed"] }] } } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web } }
`;

describe('consul inject', () => {
  it('annotates, with flags as annotations', async () => {
    const outcome = await injected(inject, pod(), {
      settings: { upstreams: 'db:1234', 'transparent-proxy': 'false' },
      live: liveWith(INJECTOR),
    });
    expect([outcome.action, codes(outcome)]).toEqual(['annotated', []]);
    expect(stringMapAt(outcome.object, 'metadata', 'annotations')).toEqual({
      'consul.hashicorp.com/connect-inject': 'true',
      'consul.hashicorp.com/connect-service-upstreams': 'db:1234',
      'consul.hashicorp.com/transparent-proxy': 'false',
    });
  });

  it.each([
    ['namespace-excluded', 'skipped', pod('{}', 'closed')],
    ['namespace-excluded', 'skipped', pod('{}', 'kube-system')],
    ['passed-over', 'skipped', pod('{ consul.hashicorp.com/gateway-kind: mesh-gateway }')],
    ['disabled-by-annotation', 'skipped', pod('{ consul.hashicorp.com/connect-inject: "f" }')],
    ['invalid-annotation', 'failed', pod('{ consul.hashicorp.com/connect-inject: "yes" }')],
    ['no-service', 'annotated', pod('{}', 'other')],
    ['already-injected', 'unchanged', pod('{ consul.hashicorp.com/connect-inject: "1" }')],
  ])('tells of %s', async (code, action, yaml) => {
    const outcome = await injected(inject, yaml, { live: liveWith(INJECTOR) });
    expect([codes(outcome), outcome.action]).toEqual([[code], action]);
  });

  it('cannot make a proxy, and says what can be done', async () => {
    await expect(inject.open(parameters({ manual: true }))).rejects.toThrow(/^The proxy of Consul cannot be added manually/);
    expect(inject.namespaceMarks).toBeUndefined();
  });
});

describe('consul uninject', () => {
  it('brings back the pod that the injector kept', () => {
    const annotations = `{ consul.hashicorp.com/connect-inject: "true", consul.hashicorp.com/service-sync: "true",
      consul.hashicorp.com/original-pod: '{"spec":{"containers":[{"name":"web","livenessProbe":{"httpGet":{"port":80}}}]}}' }`;
    const containers = '[{ name: web, livenessProbe: { httpGet: { port: 20300 } } }, { name: consul-dataplane }]';
    const { object } = inject.uninject(requestFrom(pod(annotations, 'shop', containers)));
    expect(object?.['spec']).toEqual({ containers: [{ name: 'web', livenessProbe: { httpGet: { port: 80 } } }] });
    expect(stringMapAt(object, 'metadata', 'annotations')).toEqual({ 'consul.hashicorp.com/service-sync': 'true' });
  });

  it('takes containers, volumes and what mounts them out of what has no such copy', () => {
    const { object } = inject.uninject(
      requestFrom(
        pod(
          '{}',
          'shop',
          '[{ name: web, volumeMounts: [{ name: consul-connect-inject-data }] }, { name: consul-dataplane-web }], volumes: [{ name: consul-connect-inject-data }]',
        ),
      ),
    );
    expect(object?.['spec']).toEqual({ containers: [{ name: 'web' }] });
  });
});
