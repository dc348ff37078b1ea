/** Releases against a sandbox: installed, upgraded, failed, interrupted and taken up again. */
import { describe, expect, it } from 'vitest';
import { MeshctlError } from '../../src/errors.ts';
import { history } from '../../src/install/releases.ts';
import { removeRelease } from '../../src/install/uninstall.ts';
import { configMap, crashing, deployment, openWorld, TILLS, wantedRelease, yaml } from './world.ts';

const failure = (work: Promise<unknown>): Promise<MeshctlError> =>
  work.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error: unknown) => {
      if (error instanceof MeshctlError) return error;
      throw error;
    },
  );

describe('a release', () => {
  it('is installed, upgraded and removed, and leaves nothing', async () => {
    const { run, objects, records, cluster, clock, sandbox } = await openWorld();
    const first = await run(wantedRelease(yaml(deployment('web'), configMap('settings', { a: '1' }), configMap('old'))));
    expect(first).toMatchObject({ revision: 1, status: 'deployed', description: 'Install complete' });
    expect(objects()).toEqual(['ConfigMap shop/old', 'ConfigMap shop/settings', 'Deployment shop/web']);
    const live = sandbox.store.get('apps/Deployment', 'shop', 'web');
    expect(live?.metadata.annotations).toMatchObject({ 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'shop' });
    expect(live?.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'Helm' });

    const second = await run(wantedRelease(yaml(deployment('web', { image: 'web:2' }), configMap('settings', { a: '2' }))));
    expect(second).toMatchObject({ revision: 2, status: 'deployed' });
    expect(objects()).toEqual(['ConfigMap shop/settings', 'Deployment shop/web']);
    expect(records('web')).toEqual(['v1 superseded', 'v2 deployed']);
    expect(sandbox.store.get('core/ConfigMap', 'shop', 'settings')?.['data']).toEqual({ a: '2' });

    await removeRelease(cluster, second, { clock, timeoutMs: 60_000, removesCrds: false });
    expect(objects()).toEqual([]);
    expect(records('web')).toEqual([]);
  });

  it('makes its namespace, its definitions first, and objects of them', async () => {
    const { run, objects, cluster, clock, sandbox } = await openWorld();
    const till = { apiVersion: 'shop.example.com/v1', kind: 'Till', metadata: { name: 'one' } };
    const files = [{ name: 'crds/tills.yaml', data: Buffer.from(yaml(TILLS)).toString('base64') }];
    const chart = { metadata: { name: 'web', version: '1.0.0' }, templates: [], values: {}, files };
    const release = await run(wantedRelease(yaml(till), { chart, crds: yaml(TILLS), namespaceLabels: { mesh: 'on' } }));
    expect(sandbox.store.get('core/Namespace', '', 'shop')?.metadata.labels).toMatchObject({ mesh: 'on' });
    expect(objects()).toEqual(['CustomResourceDefinition tills.shop.example.com', 'Till shop/one']);
    expect(
      sandbox.store.get('apiextensions.k8s.io/CustomResourceDefinition', '', 'tills.shop.example.com')?.metadata.annotations ?? {},
    ).toEqual({});
    await removeRelease(cluster, release, { clock, timeoutMs: 60_000, removesCrds: false });
    expect(objects()).toEqual(['CustomResourceDefinition tills.shop.example.com']);
    const again = await run(wantedRelease(yaml(till), { chart, crds: yaml(TILLS) }));
    await removeRelease(cluster, again, { clock, timeoutMs: 60_000, removesCrds: true });
    expect(objects()).toEqual([]);
  });

  it('keeps what says so', async () => {
    const { run, objects, cluster, clock } = await openWorld();
    const release = await run(wantedRelease(yaml(configMap('kept', {}, { 'helm.sh/resource-policy': 'keep' }), configMap('gone'))));
    await run(wantedRelease(yaml(configMap('gone'))));
    expect(objects()).toEqual(['ConfigMap shop/gone', 'ConfigMap shop/kept']);
    await removeRelease(cluster, release, { clock, timeoutMs: 60_000, removesCrds: false });
    expect(objects()).toEqual(['ConfigMap shop/kept']);
  });

  it('that fails says why its pod is not ready, and is mended by the next run', async () => {
    const { run, records } = await openWorld();
    const error = await failure(run(wantedRelease(yaml(crashing('web'))), { timeoutMs: 5000 }));
    expect(error).toMatchObject({ code: 'E_NOT_READY', exit: 1 });
    expect(error.message).toMatch(/Deployment shop\/web \(0 of 1 pods ready; container "main": CrashLoopBackOff/);
    expect(error.hint).toContain('kubectl -n shop describe deployment web');
    expect(records('web')).toEqual(['v1 failed']);
    expect(await run(wantedRelease(yaml(deployment('web'))))).toMatchObject({ revision: 2, status: 'deployed' });
    expect(records('web')).toEqual(['v1 failed', 'v2 deployed']);
  });

  it('that fails goes back to what was there, when told', async () => {
    const { run, records, objects, sandbox } = await openWorld();
    await run(wantedRelease(yaml(deployment('web'), configMap('a', { v: '1' }))));
    const bad = wantedRelease(yaml(crashing('web'), configMap('a', { v: '2' }), configMap('new')));
    const error = await failure(run(bad, { timeoutMs: 5000, atomic: true }));
    expect(error).toMatchObject({ code: 'E_RELEASE_FAILED', exit: 1 });
    expect(error.message).toContain('Revision 1 is deployed again.');
    expect(records('web')).toEqual(['v1 superseded', 'v2 failed', 'v3 deployed']);
    expect(objects()).toEqual(['ConfigMap shop/a', 'Deployment shop/web']);
    expect(sandbox.store.get('core/ConfigMap', 'shop', 'a')?.['data']).toEqual({ v: '1' });
    expect(JSON.stringify(sandbox.store.get('apps/Deployment', 'shop', 'web')?.['spec'])).not.toContain('web:bad');
  });

  it('that fails at first is removed, when told', async () => {
    const { run, records, objects } = await openWorld();
    const error = await failure(run(wantedRelease(yaml(crashing('web'), configMap('a'))), { timeoutMs: 5000, atomic: true }));
    expect(error.message).toContain('What it had installed is removed.');
    expect(records('web')).toEqual([]);
    expect(objects()).toEqual([]);
  });

  it('that is interrupted, at whatever step, is taken up by the next run under its number', async () => {
    const manifest = yaml(deployment('web'), configMap('a'), configMap('b'));
    for (const step of [1, 2, 3, 4]) {
      const { run, records, objects } = await openWorld();
      const leaving = new AbortController();
      let seen = 0;
      const leave = (): void => {
        if (++seen === step) leaving.abort(new Error('left'));
      };
      await expect(run(wantedRelease(manifest), { signal: leaving.signal, progress: { applied: leave, waiting: leave } })).rejects.toThrow(
        'left',
      );
      expect(records('web')).toEqual(['v1 pending-install']);
      expect(await run(wantedRelease(manifest))).toMatchObject({ revision: 1, status: 'deployed' });
      expect(records('web')).toEqual(['v1 deployed']);
      expect(objects()).toEqual(['ConfigMap shop/a', 'ConfigMap shop/b', 'Deployment shop/web']);
    }
  });

  it('that is interrupted while it is upgraded is taken up, and drops what only the interrupted run brought', async () => {
    const { run, records, objects } = await openWorld();
    await run(wantedRelease(yaml(configMap('a'))));
    const leaving = new AbortController();
    const leave = (): void => leaving.abort(new Error('left'));
    await expect(
      run(wantedRelease(yaml(configMap('a'), configMap('stray'))), { signal: leaving.signal, progress: { applied: leave } }),
    ).rejects.toThrow('left');
    expect(records('web')).toEqual(['v1 deployed', 'v2 pending-upgrade']);
    await run(wantedRelease(yaml(configMap('a'), configMap('b'))));
    expect(records('web')).toEqual(['v1 superseded', 'v2 deployed']);
    expect(objects()).toEqual(['ConfigMap shop/a', 'ConfigMap shop/b']);
  });

  it('is not touched while another run is at work on it, until that one is dead', async () => {
    const { run, clock, cluster } = await openWorld();
    const leaving = new AbortController();
    const hanging = run(wantedRelease(yaml(crashing('web'))), { timeoutMs: 600_000, signal: leaving.signal });
    hanging.catch(() => undefined);
    while ((await history(cluster, 'shop', 'web')).length === 0) await clock.sleep(500);
    const error = await failure(run(wantedRelease(yaml(configMap('a')))));
    expect(error).toMatchObject({ code: 'E_RELEASE_PENDING', exit: 1 });
    leaving.abort(new Error('left'));
    await expect(hanging).rejects.toThrow('left');
    expect(await run(wantedRelease(yaml(configMap('a'))))).toMatchObject({ status: 'deployed' });
  });

  it('leaves what another has taken over since, when it drops it and when it goes back', async () => {
    const { run, objects } = await openWorld();
    await run(wantedRelease(yaml(configMap('a'), configMap('dropped'))));
    await run(wantedRelease(yaml(configMap('dropped')), { name: 'other' }));
    await run(wantedRelease(yaml(configMap('a'))));
    expect(objects()).toEqual(['ConfigMap shop/a', 'ConfigMap shop/dropped']);

    const bad = wantedRelease(yaml(crashing('web'), configMap('a'), configMap('added')));
    const failing = failure(run(bad, { timeoutMs: 20_000, atomic: true }));
    while (!objects().includes('ConfigMap shop/added')) await new Promise((resolve) => setTimeout(resolve, 5));
    await run(wantedRelease(yaml(configMap('dropped'), configMap('added')), { name: 'other' }));
    expect(await failing).toMatchObject({ code: 'E_RELEASE_FAILED' });
    expect(objects()).toEqual(['ConfigMap shop/a', 'ConfigMap shop/added', 'ConfigMap shop/dropped']);
  });

  it('stays recorded while something of it does not go, and is removed by the next run', async () => {
    const { run, cluster, clock, records, sandbox, objects } = await openWorld();
    const stuck = { ...configMap('stuck'), metadata: { name: 'stuck', finalizers: ['shop.example.com/hold'] } };
    const release = await run(wantedRelease(yaml(configMap('a'), stuck)));
    const error = await failure(removeRelease(cluster, release, { clock, timeoutMs: 5000, removesCrds: false }));
    expect(error).toMatchObject({ code: 'E_NOT_GONE', exit: 1, message: 'ConfigMap shop/stuck did not go in time.' });
    expect(records('web')).toEqual(['v1 uninstalling']);
    const ref = { kind: 'core/ConfigMap', namespace: 'shop', name: 'stuck' } as const;
    await cluster.patch(ref, { metadata: { finalizers: null } });
    await removeRelease(cluster, release, { clock, timeoutMs: 5000, removesCrds: false });
    expect(objects()).toEqual([]);
    expect(records('web')).toEqual([]);
    expect(sandbox.store.get('core/ConfigMap', 'shop', 'stuck')).toBeUndefined();
  });

  it('keeps ten revisions', async () => {
    const { run, records } = await openWorld();
    for (let revision = 1; revision <= 12; revision++) await run(wantedRelease(yaml(configMap('a', { v: String(revision) }))));
    expect(records('web')).toEqual([...Array.from({ length: 9 }, (_, index) => `v${index + 3} superseded`), 'v12 deployed']);
  });

  it('runs its hooks in their order, and takes away those that say so', async () => {
    const { run, objects, clock, cluster } = await openWorld();
    const hook = (name: string, events: readonly string[], weight: number, deletePolicies: readonly string[] = []) => ({
      ...{ name, kind: 'ConfigMap', path: `web/templates/${name}.yaml`, events, weight, deletePolicies },
      manifest: yaml(configMap(name)),
    });
    const hooks = [
      hook('last', ['post-install'], 5),
      hook('second', ['pre-install'], 2, ['hook-succeeded']),
      hook('first', ['pre-install'], -1),
      hook('goodbye', ['post-delete'], 0, ['hook-succeeded']),
      hook('upgrade', ['pre-upgrade'], 0),
    ];
    const steps: string[] = [];
    const progress = {
      step: (text: string) => void steps.push(text),
      applied: ({ name }: { readonly name: string }) => void steps.push(name),
    };
    const release = await run(wantedRelease(yaml(configMap('a')), { hooks }), { progress });
    expect(steps).toEqual([
      'Running hook ConfigMap "first" (pre-install).',
      'first',
      'Running hook ConfigMap "second" (pre-install).',
      'second',
      'a',
      'Running hook ConfigMap "last" (post-install).',
      'last',
    ]);
    expect(objects()).toEqual(['ConfigMap shop/a', 'ConfigMap shop/first', 'ConfigMap shop/last']);
    await removeRelease(cluster, release, { clock, timeoutMs: 60_000, removesCrds: false });
    expect(objects()).toEqual([]);
  });
});
