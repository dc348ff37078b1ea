import { describe, expect, it } from 'vitest';
import { at, listAt } from '../../src/model/body.ts';
import type { Kind } from '../../src/model/resource.ts';
import { type Api, configMap, deployment, openSandbox, until } from './api.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const count = ({ sandbox }: Api, kind: Kind): number => sandbox.store.list(kind, 'default').length;
const field = ({ sandbox }: Api, kind: Kind, name: string, ...path: readonly string[]): unknown =>
  at(sandbox.store.get(kind, 'default', name), path);
const owned = (name: string, owner: string): object => ({
  ...configMap(name),
  metadata: { name, namespace: 'default', ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner }] },
});

describe('controllers', () => {
  it('have done their work when the sandbox opens', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ port: 8080, targetPort: 80 }] },
    };
    const api = await openSandbox({ objects: [deployment('web', 3), service] });
    expect(field(api, 'apps/Deployment', 'web', 'status', 'readyReplicas')).toBe(3);
    expect(listAt(api.sandbox.store.get('core/Endpoints', 'default', 'web'), 'subsets', 0, 'addresses')).toHaveLength(3);
    expect(count(api, 'core/Event')).toBe(0);
  });

  it('roll a Deployment over to a new template, and scale it', async () => {
    const api = await openSandbox({ objects: [deployment('web', 3)] });
    const type = { 'content-type': 'application/strategic-merge-patch+json' };
    await api.call(
      'PATCH',
      `${DEPLOYMENTS}/web`,
      { spec: { replicas: 4, template: { spec: { containers: [{ name: 'web', image: 'web:2' }] } } } },
      type,
    );
    await until(
      () =>
        field(api, 'apps/Deployment', 'web', 'status', 'updatedReplicas') === 4 &&
        field(api, 'apps/Deployment', 'web', 'status', 'readyReplicas') === 4,
    );
    await until(() => count(api, 'core/Pod') === 4);
    expect(count(api, 'apps/ReplicaSet')).toBe(2);
    expect(api.sandbox.store.list('core/Pod', 'default').map((pod) => at(pod, ['spec', 'containers', 0, 'image']))).toEqual(
      Array(4).fill('web:2'),
    );
  });

  it('wait for the clock of the host', async () => {
    const waiting: (() => void)[] = [];
    const after = (_ms: number, action: () => void): (() => void) => {
      waiting.push(action);
      return () => undefined;
    };
    const clock = { now: () => 1e12, after };
    const api = await openSandbox({ clock });
    await api.call('POST', DEPLOYMENTS, deployment('web', 1));
    const phases: unknown[] = [];
    for (let step = 0; step < 40 && waiting.length > 0; step++) {
      waiting.shift()?.();
      const [pod] = api.sandbox.store.list('core/Pod', 'default');
      if (pod && phases.at(-1) !== at(pod, ['status', 'phase'])) phases.push(at(pod, ['status', 'phase']));
    }
    expect(phases).toEqual(['Pending', 'Running']);
    expect(field(api, 'apps/Deployment', 'web', 'status', 'availableReplicas')).toBe(1);
  });

  it.each(['StatefulSet', 'DaemonSet'])('run a %s', async (kind) => {
    const api = await openSandbox({ objects: [{ ...deployment('set', 2), kind }] });
    const pods = api.sandbox.store.list('core/Pod', 'default').map(({ metadata }) => metadata.name);
    expect(pods).toHaveLength(kind === 'StatefulSet' ? 2 : 1);
    if (kind === 'StatefulSet') expect(pods).toEqual(['set-0', 'set-1']);
    expect(field(api, `apps/${kind}`, 'set', 'status', kind === 'StatefulSet' ? 'readyReplicas' : 'numberReady')).toBe(pods.length);
  });

  it('show the fates that annotations ask for', async () => {
    const pod = (name: string, fate: string): object => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, annotations: { 'sandbox.meshctl.dev/fate': fate } },
      spec: { containers: [{ name: 'c', image: 'c:1' }] },
    });
    const api = await openSandbox({
      objects: [pod('a', 'CrashLoopBackOff'), pod('b', 'ImagePullBackOff'), pod('c', 'NotReady'), pod('d', 'Pending')],
    });
    const { body } = await api.call('GET', '/api/v1/namespaces/default/pods', undefined, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    expect(listAt(body, 'rows').map((row) => [at(row, ['cells', 1]), at(row, ['cells', 2])])).toEqual([
      ['0/1', 'CrashLoopBackOff'],
      ['0/1', 'ImagePullBackOff'],
      ['0/1', 'Running'],
      ['0/1', 'Pending'],
    ]);
  });

  it.each([
    ['Background', 0, true],
    ['Foreground', 0, true],
    ['Orphan', 1, true],
  ])('delete an owner with propagation %s', async (propagationPolicy, left) => {
    const api = await openSandbox({ objects: [{ ...configMap('owner'), metadata: { name: 'owner', uid: 'u1' } }, owned('child', 'u1')] });
    await api.call('DELETE', '/api/v1/namespaces/default/configmaps/owner', { propagationPolicy });
    await until(() => count(api, 'core/ConfigMap') === left);
    expect(api.sandbox.store.get('core/ConfigMap', 'default', 'owner')).toBeUndefined();
  });

  it('empty a namespace before it goes, and wait for finalizers', async () => {
    const held = { ...configMap('held'), metadata: { name: 'held', namespace: 'shop', finalizers: ['example.org/hold'] } };
    const api = await openSandbox({ objects: [held, { ...deployment('web'), metadata: { name: 'web', namespace: 'shop' } }] });
    expect((await api.call('DELETE', '/api/v1/namespaces/shop')).body).toMatchObject({ status: { phase: 'Terminating' } });
    await until(() => api.sandbox.store.list('core/Pod', 'shop').length === 0);
    expect(await api.call('POST', '/api/v1/namespaces/shop/configmaps', { metadata: { name: 'x' } })).toMatchObject({ code: 403 });
    expect(api.sandbox.store.get('core/Namespace', '', 'shop')).toBeDefined();
    await api.call(
      'PATCH',
      '/api/v1/namespaces/shop/configmaps/held',
      { metadata: { finalizers: null } },
      { 'content-type': 'application/merge-patch+json' },
    );
    await until(() => !api.sandbox.store.get('core/Namespace', '', 'shop'));
  });
});
