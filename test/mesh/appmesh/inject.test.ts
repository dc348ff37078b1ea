import { describe, expect, it } from 'vitest';
import { inject } from '../../../src/mesh/appmesh/inject.ts';
import { stringMapAt } from '../../../src/model/body.ts';
import { codes, injected, liveWith, requestFrom } from '../injection/requests.ts';

const KEY = 'appmesh.k8s.aws/sidecarInjectorWebhook';

const pod = (app: string, annotations = '{}', spec = ''): string => `
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: ${app} }, annotations: ${annotations} }
spec: { containers: [{ name: web }, { name: envoy }]${spec && `, ${spec}`} }
`;

const node = (name: string, app: string, namespace = 'shop'): string => `
apiVersion: appmesh.k8s.aws/v1beta2
kind: VirtualNode
metadata: { name: ${name}, namespace: ${namespace} }
spec: { podSelector: { matchLabels: { app: ${app} } } }
---`;

const CLUSTER = node('web', 'web') + node('one', 'twice') + node('two', 'twice') + node('far', 'far', 'other');

describe('appmesh inject', () => {
  it.each([
    [[], 'annotated', pod('web')],
    [['no-virtual-node'], 'failed', pod('far')],
    [['several-virtual-nodes'], 'failed', pod('twice')],
    [['disabled-by-annotation'], 'skipped', pod('web', `{ ${KEY}: disabled }`)],
    [['invalid-annotation'], 'failed', pod('web', `{ ${KEY}: "true" }`)],
  ])('tells of %s', async (reasons, action, yaml) => {
    const outcome = await injected(inject, yaml, { live: liveWith(CLUSTER) });
    expect([codes(outcome), outcome.action]).toEqual([reasons, action]);
  });

  it('annotates pods and labels Namespaces, without a cluster too', async () => {
    expect(stringMapAt((await injected(inject, pod('far'))).object, 'metadata', 'annotations')).toEqual({ [KEY]: 'enabled' });
    const namespace = await injected(inject, 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n');
    expect(stringMapAt(namespace.object, 'metadata', 'labels')).toEqual({ [KEY]: 'enabled' });
  });
});

describe('appmesh uninject', () => {
  it('takes an Envoy for its own only beside its init container', () => {
    expect(inject.uninject(requestFrom(pod('web'))).action).toBe('unchanged');
    const { object } = inject.uninject(requestFrom(pod('web', `{ ${KEY}: enabled }`, 'initContainers: [{ name: proxyinit }]')));
    expect(object?.['spec']).toEqual({ containers: [{ name: 'web' }] });
  });
});
