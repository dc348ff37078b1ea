import { describe, expect, it } from 'vitest';
import { MeshctlError } from '../../src/errors.ts';
import { desiredObjects } from '../../src/install/desired.ts';
import { leftOvers } from '../../src/install/left-overs.ts';
import { planObjects } from '../../src/install/plan.ts';
import { removeRelease } from '../../src/install/uninstall.ts';
import { configMap, deployment, openWorld, type World, wantedRelease, yaml } from './world.ts';

const BELONGING = { release: 'web', namespace: 'shop' };
const namespaced = (): boolean => true;

const plan = ({ cluster }: World, manifest: string, before = '', takeOwnership = false) =>
  planObjects(cluster, {
    belonging: BELONGING,
    desired: desiredObjects(manifest, BELONGING, namespaced),
    before: desiredObjects(before, BELONGING, namespaced),
    takeOwnership,
  });

const said = (planned: Awaited<ReturnType<typeof plan>>): readonly string[] =>
  planned.map(({ action, object }) => `${action} ${object.name}`);

const secret = (value: string): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'key' },
  data: { key: Buffer.from(value).toString('base64'), other: 'c2FtZQ==' },
});

describe('a plan', () => {
  it('tells what is created, changed, left and deleted, and changes nothing', async () => {
    const world = await openWorld();
    const before = yaml(deployment('web'), configMap('settings', { a: '1' }), configMap('same'), configMap('old'));
    await world.run(wantedRelease(before));
    const objects = world.objects();
    const planned = await plan(
      world,
      yaml(deployment('web', { image: 'web:2' }), configMap('settings', { a: '2' }), configMap('same'), configMap('new')),
      before,
    );
    expect(said(planned)).toEqual(['update settings', 'unchanged same', 'create new', 'update web', 'delete old']);
    expect(planned[0]?.diff).toContain("-  a: '1'\n+  a: '2'\n");
    expect(planned[3]?.diff).toMatch(/^-.*web:1\n\+.*web:2$/m);
    expect(planned[3]?.diff).not.toMatch(/uid|resourceVersion|managedFields|status/);
    expect(world.objects()).toEqual(objects);
    expect(world.sandbox.store.get('core/ConfigMap', 'shop', 'settings')?.['data']).toEqual({ a: '1' });
  });

  it('sees no change in what was just applied', async () => {
    const world = await openWorld();
    const manifest = yaml(deployment('web'), configMap('settings', { a: '1' }), secret('x'));
    await world.run(wantedRelease(manifest));
    expect(new Set((await plan(world, manifest, manifest)).map(({ action }) => action))).toEqual(new Set(['unchanged']));
  });

  it("takes what Istio's charts mark as istioctl does for the release's own", async () => {
    const world = await openWorld();
    const marked = { ...configMap('mesh'), metadata: { name: 'mesh', labels: { 'operator.istio.io/component': 'Pilot' } } };
    const release = await world.run(wantedRelease(yaml(marked)));
    expect(said(await plan(world, yaml(marked), yaml(marked)))).toEqual(['unchanged mesh']);
    await removeRelease(world.cluster, release, { clock: world.clock, timeoutMs: 60_000, removesCrds: false });
    expect(world.objects()).toEqual([]);
  });

  it('never shows what Secrets hold', async () => {
    const world = await openWorld();
    await world.run(wantedRelease(yaml(secret('old-password'))));
    const [changed] = await plan(world, yaml(secret('new-password')));
    expect(changed?.diff).toContain('+  key: (hidden, changed)');
    expect(changed?.diff).toContain('   other: (hidden)');
    const [created] = await plan(world, yaml({ ...secret('fresh'), metadata: { name: 'other' } }));
    const all = JSON.stringify([changed?.diff, created?.diff]);
    for (const value of ['old-password', 'new-password', 'fresh']) {
      expect(all).not.toContain(value);
      expect(all).not.toContain(Buffer.from(value).toString('base64'));
    }
  });

  it.each([
    [
      'another release',
      { annotations: { 'meta.helm.sh/release-name': 'other', 'meta.helm.sh/release-namespace': 'shop' } },
      'release "shop/other" of helm',
    ],
    ['Argo CD', { labels: { 'argocd.argoproj.io/instance': 'x' } }, 'Argo CD'],
    [
      'Flux',
      {
        labels: { 'helm.toolkit.fluxcd.io/name': 'x' },
        annotations: { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'shop' },
      },
      'Flux',
    ],
    ['istioctl', { labels: { 'operator.istio.io/component': 'Pilot' } }, 'istioctl'],
    ['the linkerd command line', { annotations: { 'linkerd.io/created-by': 'linkerd/cli stable' } }, 'the linkerd command line'],
    ['nobody that is known', {}, 'somebody else: it belongs to no release'],
  ])('refuses what belongs to %s, unless it is to be taken over', async (_name, metadata, owner) => {
    const theirs = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'shop', ...metadata },
      data: { a: '1' },
    };
    const world = await openWorld([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, theirs]);
    const manifest = yaml(configMap('settings', { a: '2' }));
    const error = await plan(world, manifest).then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(MeshctlError);
    expect(error).toMatchObject({
      code: 'E_OWNED',
      exit: 1,
      message: expect.stringContaining(`ConfigMap "shop/settings" is managed by ${owner}`),
    });
    expect((error as MeshctlError).hint).toBeTruthy();
    expect(said(await plan(world, manifest, '', true))).toEqual(['update settings']);
  });

  it('takes the labels that charts of Istio give their objects for no sign of istioctl', async () => {
    const world = await openWorld();
    const object = {
      ...configMap('settings'),
      metadata: {
        name: 'settings',
        labels: { 'operator.istio.io/component': 'Pilot', 'install.operator.istio.io/owning-resource': 'unknown' },
      },
    };
    await world.run(wantedRelease(yaml(object)));
    expect(said(await plan(world, yaml(object), yaml(object)))).toEqual(['unchanged settings']);
  });

  it('leaves what a release before brought and another has taken over since', async () => {
    const world = await openWorld();
    const before = yaml(configMap('shared'));
    await world.run(wantedRelease(before));
    await world.run(wantedRelease(yaml(configMap('shared')), { name: 'other' }));
    expect(said(await plan(world, yaml(configMap('a')), before))).toEqual(['create a']);
  });

  it('names who else has set a field that would change', async () => {
    const world = await openWorld();
    await world.run(wantedRelease(yaml(configMap('settings', { a: '1' }))));
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'shop' }, data: { a: 'theirs' } };
    await world.cluster.apply({ kind: 'core/ConfigMap', namespace: 'shop', name: 'settings', body }, { force: true, manager: 'operator' });
    const [planned] = await plan(world, yaml(configMap('settings', { a: '2' })));
    expect(planned).toMatchObject({ action: 'update', conflict: expect.stringContaining('"operator" owns .data.a') });
  });
});

describe('objects of a manifest', () => {
  it('are taken out of lists, and have a namespace where their kind has one', () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [configMap('a'), { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'r' } }],
    };
    const objects = desiredObjects(yaml(list), BELONGING, (kind) => !kind.endsWith('/ClusterRole'));
    expect(objects.map(({ kind, namespace, name }) => [kind, namespace, name])).toEqual([
      ['core/ConfigMap', 'shop', 'a'],
      ['rbac.authorization.k8s.io/ClusterRole', '', 'r'],
    ]);
    expect(objects[0]?.body).toMatchObject({ metadata: { namespace: 'shop', labels: { 'app.kubernetes.io/managed-by': 'Helm' } } });
  });

  it.each([
    [{ kind: 'ConfigMap', metadata: { name: 'a' } }, 'has no apiVersion'],
    [{ apiVersion: 'v1', metadata: { name: 'a' } }, 'has no kind'],
    [{ apiVersion: 'v1', kind: 'ConfigMap' }, 'has no metadata.name'],
  ])('must say what they are: %j', (object, text) => {
    expect(() => desiredObjects(yaml(object), BELONGING, namespaced)).toThrow(text);
  });
});

describe('left-overs', () => {
  it('are found by their signs', async () => {
    const { cluster } = await openWorld([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mesh' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mesh-ca-root', namespace: 'mesh' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', namespace: 'mesh' } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'ca', namespace: 'mesh', labels: { mesh: 'yes' } } },
    ]);
    const found = await leftOvers(cluster, [
      { kind: 'core/ConfigMap', name: /^mesh-ca-/, reason: 'written into every namespace' },
      { kind: 'core/Secret', namespace: 'mesh', labelSelector: 'mesh=yes', reason: 'the authority' },
      { kind: 'nothing.example.com/Thing', reason: 'not served' },
    ]);
    expect(found.map(({ resource, reason }) => `${resource.name}: ${reason}`)).toEqual([
      'mesh-ca-root: written into every namespace',
      'ca: the authority',
    ]);
  });
});
