import { describe, expect, it } from 'vitest';
import { install } from '../../../src/mesh/istio/install.ts';
import type { Values } from '../../../src/model/install.ts';
import { ids, request, valuesOf } from '../install/request.ts';

const REPOSITORY = 'https://istio-release.storage.googleapis.com/charts';

describe('profiles of Istio', () => {
  it.each([
    ['default', ['base', 'istiod', 'istio-ingressgateway'], {}],
    ['demo', ['base', 'istiod', 'istio-ingressgateway', 'istio-egressgateway'], { profile: 'demo' }],
    ['minimal', ['base', 'istiod'], {}],
    ['ambient', ['base', 'istiod', 'cni', 'ztunnel'], { profile: 'ambient' }],
    ['openshift', ['base', 'istiod', 'cni', 'istio-ingressgateway'], { global: { platform: 'openshift' } }],
    ['openshift-ambient', ['base', 'istiod', 'cni', 'ztunnel'], { profile: 'ambient', global: { platform: 'openshift' } }],
    ['preview', ['base', 'istiod', 'istio-ingressgateway'], { profile: 'preview' }],
    ['stable', ['base', 'istiod', 'istio-ingressgateway'], { profile: 'stable' }],
  ])('%s brings its components, and asks the charts for their part of it', async (profile, components, values) => {
    const plan = await install.plan(request({ profile }));
    expect(ids(plan)).toEqual(components);
    expect(valuesOf(plan, 'base')).toEqual(values);
    expect(plan.notices).toEqual([]);
  });

  it('remote needs the address of the control plane', async () => {
    await expect(install.plan(request({ profile: 'remote' }))).rejects.toMatchObject({
      code: 'E_INSTALL',
      hint: expect.stringContaining('global.remotePilotAddress'),
    });
    const plan = await install.plan(request({ profile: 'remote', all: { global: { remotePilotAddress: '10.0.0.1' } } }));
    expect(valuesOf(plan, 'istiod')).toEqual({ profile: 'remote', global: { remotePilotAddress: '10.0.0.1' } });
    expect(ids(await install.plan(request({ profile: 'remote', complete: false })))).toEqual(['base', 'istiod']);
  });

  it('are suggested when one is misspelled', async () => {
    await expect(install.plan(request({ profile: 'ambiant' }))).rejects.toMatchObject({
      message: 'Istio has no profile "ambiant".',
      hint: expect.stringContaining('Did you mean "ambient"?'),
    });
  });

  it('demo makes gateways small, which the chart of gateways does not do by itself', async () => {
    const plan = await install.plan(request({ profile: 'demo' }));
    const small = { autoscaling: { enabled: false }, resources: { requests: { cpu: '10m', memory: '40Mi' } } };
    expect(valuesOf(plan, 'istio-egressgateway')).toEqual({ profile: 'demo', ...small, service: { type: 'ClusterIP' } });
    expect(valuesOf(plan, 'istio-ingressgateway')).toMatchObject(small);
  });
});

describe('components of Istio', () => {
  it('come from the official repository, as releases of their own, and wait for each other', async () => {
    const { components } = await install.plan(request({ profile: 'ambient', with: ['istio-ingressgateway'], version: 'v1.29.1' }));
    expect(components.map(({ id, chart, release, namespace, needs }) => [id, chart, release, namespace, needs])).toEqual([
      ['base', { repository: REPOSITORY, name: 'base', version: '1.29.1' }, 'istio-base', 'istio-system', []],
      ['istiod', { repository: REPOSITORY, name: 'istiod', version: '1.29.1' }, 'istiod', 'istio-system', ['base']],
      ['cni', { repository: REPOSITORY, name: 'cni', version: '1.29.1' }, 'istio-cni', 'istio-system', ['base']],
      ['ztunnel', { repository: REPOSITORY, name: 'ztunnel', version: '1.29.1' }, 'ztunnel', 'istio-system', ['istiod', 'cni']],
      [
        'istio-ingressgateway',
        { repository: REPOSITORY, name: 'gateway', version: '1.29.1' },
        'istio-ingressgateway',
        'istio-system',
        ['istiod'],
      ],
    ]);
  });

  it('tell istiod of the CNI plugin', async () => {
    expect(valuesOf(await install.plan(request({ profile: 'minimal', with: ['cni'] })), 'istiod')).toEqual({
      pilot: { cni: { enabled: true } },
    });
    expect(valuesOf(await install.plan(request({ profile: 'minimal' })), 'istiod')).toEqual({});
  });

  it.each([
    ['the profile says so', request({ profile: 'openshift-ambient' })],
    ['the user says so', request({ profile: 'ambient', all: { global: { platform: 'openshift' } } })],
    ['the user says so at the top', request({ profile: 'ambient', all: { platform: 'openshift' } })],
  ])('on nodes of OpenShift run in kube-system, when %s', async (_, wish) => {
    const { components } = await install.plan(wish);
    expect(components.map(({ namespace }) => namespace)).toEqual(['istio-system', 'istio-system', 'kube-system', 'kube-system']);
  });

  it('on nodes of other platforms stay with the control plane', async () => {
    const { components } = await install.plan(request({ profile: 'ambient', all: { global: { platform: 'gke' } } }));
    expect(new Set(components.map(({ namespace }) => namespace))).toEqual(new Set(['istio-system']));
  });

  it('follow the control plane into another namespace', async () => {
    const { components } = await install.plan(request({ profile: 'ambient', namespace: 'mesh' }));
    for (const { namespace, values } of components) {
      expect(namespace).toBe('mesh');
      expect(values).toMatchObject({ global: { istioNamespace: 'mesh' } });
    }
  });

  it('label the namespace with the network of the cluster', async () => {
    const { components } = await install.plan(request({ profile: 'minimal', all: { global: { network: 'east' } } }));
    expect(components.find(({ id }) => id === 'istiod')?.namespaceLabels).toEqual({ 'topology.istio.io/network': 'east' });
  });

  it('of the kind gateway get only values that their schema allows', async () => {
    const plan = await install.plan(
      request({
        all: { meshConfig: { accessLogFile: '/dev/stdout' }, global: { hub: 'example.com' } },
        of: { 'istio-ingressgateway': { replicaCount: 2 } },
      }),
    );
    expect(valuesOf(plan, 'istio-ingressgateway')).toEqual({ global: { hub: 'example.com' }, replicaCount: 2 });
    expect(valuesOf(plan, 'istiod')).toEqual({ meshConfig: { accessLogFile: '/dev/stdout' }, global: { hub: 'example.com' } });
  });

  it('may be copies of gateways, with the values of their kind', async () => {
    const plan = await install.plan(
      request({ profile: 'demo', copies: { 'out-two': 'istio-egressgateway' }, namespaces: { 'out-two': 'out' } }),
    );
    expect(plan.components.at(-1)).toMatchObject({
      id: 'out-two',
      release: 'out-two',
      namespace: 'out',
      values: { service: { type: 'ClusterIP' } },
    });
  });
});

describe('revisions of Istio', () => {
  it('name the release of istiod, and the first one is the default', async () => {
    const plan = await install.plan(request({ revision: '1-29', profile: 'ambient', with: ['istio-ingressgateway'] }));
    expect(plan.components.map(({ release }) => release)).toEqual([
      'istio-base',
      'istiod-1-29',
      'istio-cni',
      'ztunnel',
      'istio-ingressgateway',
    ]);
    expect(valuesOf(plan, 'base')).toMatchObject({ defaultRevision: '1-29' });
    expect(valuesOf(plan, 'istiod')).toMatchObject({ revision: '1-29', revisionTags: ['default'] });
    expect(valuesOf(plan, 'ztunnel')).toMatchObject({ revision: '1-29' });
    expect(valuesOf(plan, 'istio-ingressgateway')).toEqual({ profile: 'ambient', revision: '1-29' });
    expect(plan.notices).toEqual([expect.stringContaining('is the first control plane')]);
  });

  it('beside another one move nothing that runs', async () => {
    const before = { base: {}, 'istio-ingressgateway': {} };
    const plan = await install.plan(request({ revision: '1-30', before, with: ['istio-egressgateway'] }));
    expect(valuesOf(plan, 'base')).toEqual({});
    expect(valuesOf(plan, 'istiod')).toEqual({ revision: '1-30' });
    expect(valuesOf(plan, 'istio-ingressgateway')).toEqual({});
    expect(valuesOf(plan, 'istio-egressgateway')).toMatchObject({ revision: '1-30' });
    const notices = plan.notices.join('\n');
    expect(notices).toContain('no workload moves to it by itself');
    expect(notices).toContain('istio.io/rev=1-30');
    expect(notices).toContain(
      '"istio-ingressgateway" stays with the control plane used so far; --set istio-ingressgateway:revision=1-30 moves it.',
    );
    expect(notices).not.toContain('istio-egressgateway');
    expect(notices).toContain('meshctl uninstall istio --revision OLD');
  });

  it('keep what was said of them on an upgrade, and say nothing again', async () => {
    const before: Record<string, Values> = {
      base: { defaultRevision: '1-29' },
      istiod: { revision: '1-30', revisionTags: ['prod'] },
      'istio-ingressgateway': { revision: '1-29' },
    };
    const plan = await install.plan(request({ revision: '1-30', before }));
    expect(valuesOf(plan, 'base')).toEqual({ defaultRevision: '1-29' });
    expect(valuesOf(plan, 'istiod')).toEqual({ revision: '1-30', revisionTags: ['prod'] });
    expect(valuesOf(plan, 'istio-ingressgateway')).toEqual({ revision: '1-29' });
    expect(plan.notices).toEqual([]);
  });

  it('are moved by the user', async () => {
    const plan = await install.plan(
      request({ revision: '1-30', before: { base: { defaultRevision: '1-29' } }, of: { base: { defaultRevision: '1-30' } } }),
    );
    expect(valuesOf(plan, 'base')).toEqual({ defaultRevision: '1-30' });
  });

  it('may be called "default", which is the one without a name', async () => {
    const plan = await install.plan(request({ revision: 'default', profile: 'minimal' }));
    expect(plan.components.map(({ release, values }) => [release, values])).toEqual([
      ['istio-base', {}],
      ['istiod', {}],
    ]);
  });

  it.each([
    ['1.29.0', '1-29-0'],
    ['Canary', 'canary'],
  ])('cannot be called "%s"', async (revision, proposal) => {
    await expect(install.plan(request({ revision }))).rejects.toMatchObject({
      code: 'E_INSTALL',
      message: `"${revision}" cannot be the name of a revision.`,
      hint: expect.stringContaining(`"${proposal}"`),
    });
  });
});
