/** install, upgrade and uninstall, the whole commands, against a sandbox and its own charts. */
import { afterEach, describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { type MemoryHost, memoryHost } from '../../src/host/memory.ts';
import { sandboxCharts } from '../../src/sandbox/charts/index.ts';
import { empty } from '../../src/sandbox/scenarios/empty.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { fastClock } from './world.ts';

const running: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});

interface World {
  readonly sandbox: Sandbox;
  meshctl(args: string, more?: Partial<Parameters<typeof memoryHost>[0]>): Promise<Said>;
  /** Begun, and ended by what the caller does. */
  begin(args: string): { readonly host: MemoryHost; readonly said: Promise<Said> };
  /** Objects that are no releases, and that Kubernetes does not make itself. */
  objects(): readonly string[];
  records(): readonly string[];
}

/** Asked again and again, since what happens in the cluster is not to be waited for otherwise. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

interface Said {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

async function open(): Promise<World> {
  const sandbox = await startSandbox({ ...empty.options(), charts: sandboxCharts(), podStartMs: 20 });
  running.push(sandbox);
  const clock = fastClock();
  const begin = (
    args: string,
    more: Partial<Parameters<typeof memoryHost>[0]> = {},
  ): { readonly host: MemoryHost; readonly said: Promise<Said> } => {
    const words = args.replaceAll('REPO', `--repo ${sandbox.charts}`).split(' ');
    const inner = memoryHost({
      args: words,
      files: { '/kube': sandbox.kubeconfig(), ...more.files },
      env: { KUBECONFIG: '/kube' },
      ...more,
    });
    const host = { ...inner, clock } as MemoryHost;
    const said = main(host).then((exit) => ({ exit, out: inner.stdout(), err: inner.stderr() }));
    return { host: inner, said };
  };
  return {
    sandbox,
    begin,
    meshctl: (args, more) => begin(args, more).said,
    objects: () =>
      KINDS.flatMap((kind) => sandbox.store.list(kind))
        .filter(
          ({ kind, type, metadata: { name, namespace = '' } }) =>
            type !== 'helm.sh/release.v1' &&
            !/^(?:kube-|default$)/.test(namespace || name) &&
            !(kind === 'ServiceAccount' && name === 'default') &&
            name !== 'kube-root-ca.crt',
        )
        .map(({ kind, metadata: { name, namespace } }) => `${kind} ${namespace ? `${namespace}/` : ''}${name}`)
        .filter((each) => !/^(?:ClusterRole|ClusterRoleBinding) (?:system:|cluster-admin|admin|edit|view)/.test(each))
        .sort(),
    records: () =>
      sandbox.store
        .list('core/Secret')
        .flatMap(({ metadata: { labels = {} } }) =>
          labels['owner'] === 'helm' ? [`${labels['name']} v${labels['version']} ${labels['status']}`] : [],
        )
        .sort(),
  };
}

const KINDS = [
  ...[
    'core/Namespace',
    'core/ConfigMap',
    'core/Secret',
    'core/Service',
    'core/ServiceAccount',
    'apps/Deployment',
    'apps/DaemonSet',
    'batch/Job',
  ],
  ...[
    'rbac.authorization.k8s.io/ClusterRole',
    'rbac.authorization.k8s.io/ClusterRoleBinding',
    'apiextensions.k8s.io/CustomResourceDefinition',
  ],
  ...[
    'admissionregistration.k8s.io/MutatingWebhookConfiguration',
    'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
    'coordination.k8s.io/Lease',
  ],
] as const;

describe('install, upgrade and uninstall', { timeout: 30_000 }, () => {
  it('bring Istio in, change it, and take it out again', async () => {
    const { meshctl, objects, records } = await open();
    const before = objects();
    const plan = await meshctl('install istio REPO --version 1.30.0 --plan');
    expect(plan).toMatchObject({ exit: 0, err: '' });
    expect(plan.out).toMatch(/^istiod +install +istiod 1\.30\.0 +istio-system\/istiod$/m);
    expect(plan.out).toMatch(/^ {2}create +Deployment istio-system\/istiod$/m);
    expect(objects()).toEqual(before);

    const installed = await meshctl('install istio REPO --version 1.30.0 --yes');
    expect([installed.exit, installed.out]).toEqual([0, 'Istio is installed: base 1.30.0, istiod 1.30.0, istio-ingressgateway 1.30.0.\n']);
    expect(records()).toEqual(['istio-base v1 deployed', 'istio-ingressgateway v1 deployed', 'istiod v1 deployed']);
    expect((await meshctl('install istio REPO --version 1.30.0 --yes')).out).toContain('nothing was changed');
    expect(records()).toHaveLength(3);

    const upgraded = await meshctl('upgrade istio REPO --version 1.30.1 --set istiod:replicaCount=2 --yes -o json');
    expect(upgraded.exit).toBe(0);
    const report = JSON.parse(upgraded.out);
    expect(report).toMatchObject({ kind: 'InstallPlan', command: 'upgrade', mesh: 'istio', applied: true });
    expect(
      report.components.map(({ name, from, version, action }: Record<string, string>) => [name, from, version, action]),
    ).toContainEqual(['istiod', '1.30.0', '1.30.1', 'upgrade']);
    expect(records()).toContain('istiod v2 deployed');
    // What was given before stays.
    expect((await meshctl('upgrade istio REPO --version 1.30.1 --yes')).out).toContain('nothing was changed');

    const dry = await meshctl('uninstall istio --dry-run');
    expect(dry.out).toMatch(/^ {2}delete +Deployment istio-system\/istiod$/m);
    expect(records()).toContain('istiod v2 deployed');
    const removed = await meshctl('uninstall istio --crds --namespaces --yes');
    expect([removed.exit, removed.out]).toEqual([0, expect.stringMatching(/^Istio is removed\./)]);
    expect(records()).toEqual([]);
    const left = objects().filter((each) => !before.includes(each));
    expect(
      left.filter((each) => !each.startsWith('Namespace ') && !each.includes('istio-ca-root-cert') && !each.includes('istio-system/')),
    ).toEqual([]);
  });

  it('put a second control plane beside the first, and take out either', async () => {
    const { meshctl, records } = await open();
    await meshctl('install istio REPO --version 1.30.0 --yes');
    const canary = await meshctl('upgrade istio REPO --version 1.30.1 --revision canary --yes');
    expect(canary.exit).toBe(0);
    expect(canary.err).toContain('istio.io/rev=canary');
    expect(records()).toEqual(expect.arrayContaining(['istiod v1 deployed', 'istiod-canary v1 deployed']));
    const removed = await meshctl('uninstall istio --revision canary --yes');
    expect([removed.exit, removed.out]).toEqual([0, expect.stringMatching(/^istiod-canary of Istio removed; still there: /)]);
    expect(records().filter((each) => each.startsWith('istiod'))).toEqual(['istiod v1 deployed']);
  });

  it('go back when an upgrade fails, and say why', async () => {
    const { meshctl, records } = await open();
    await meshctl('install istio REPO --version 1.30.0 --yes');
    const failed = await meshctl('upgrade istio REPO --version 1.31.0-rc.0 --atomic --timeout 20s --yes');
    expect(failed.exit).toBe(1);
    expect(failed.err).toMatch(/Deployment istio-system\/istiod \(.*(?:ready|updated)/);
    expect(failed.err).toContain('Revision 1 is deployed again.');
    // A mesh of two versions is not what was there before.
    expect(failed.err).toContain('base is back at 1.30.0.');
    expect(records().filter((each) => each.startsWith('istio-base'))).toEqual([
      'istio-base v1 superseded',
      'istio-base v2 superseded',
      'istio-base v3 deployed',
    ]);
    expect(records().filter((each) => each.startsWith('istiod'))).toEqual([
      'istiod v1 superseded',
      'istiod v2 failed',
      'istiod v3 deployed',
    ]);
  });

  it('take away all of an installation that fails, when all or nothing is wanted', async () => {
    const { meshctl, records } = await open();
    const failed = await meshctl('install istio REPO --version 1.31.0-rc.0 --atomic --timeout 20s --yes');
    expect(failed.exit).toBe(1);
    expect(failed.err).toContain('base is removed again.');
    expect(records()).toEqual([]);
  });

  it('go on where an upgrade was interrupted', async () => {
    const { meshctl, begin, records, sandbox } = await open();
    await meshctl('install istio REPO --version 1.30.0 --yes');
    const { host, said } = begin('upgrade istio REPO --version 1.30.1 --yes');
    await until(() => records().includes('istiod v2 pending-upgrade'));
    host.end();
    const interrupted = await said;
    expect([interrupted.exit, interrupted.out]).toEqual([130, '']);
    expect(interrupted.err).toContain('Run the same command again: it goes on where this one stopped.');
    expect(records()).toContain('istiod v2 pending-upgrade');

    const plan = JSON.parse((await meshctl('upgrade istio REPO --version 1.30.1 --plan -o json')).out);
    expect(plan.components.map(({ name, action }: Record<string, string>) => [name, action])).toContainEqual(['istiod', 'resume']);
    const resumed = await meshctl('upgrade istio REPO --version 1.30.1 --yes');
    expect([resumed.exit, resumed.err]).toEqual([0, expect.stringContaining('istiod 1.30.1 is installed and ready.')]);
    expect(records().filter((each) => each.startsWith('istiod'))).toEqual(['istiod v1 superseded', 'istiod v2 deployed']);
    expect(JSON.stringify(sandbox.store.get('apps/Deployment', 'istio-system', 'istiod'))).toContain('pilot:1.30.1');
    await meshctl('uninstall istio --crds --namespaces --yes');
    expect(records()).toEqual([]);
  });

  it('change nothing unasked', async () => {
    const { meshctl, records } = await open();
    expect(await meshctl('install istio REPO')).toMatchObject({ exit: 2, out: '', err: expect.stringContaining('--yes') });
    const terminal = { isTTY: true, columns: 100 };
    for (const typed of [['n'], [], ['']]) {
      const said = await meshctl('install istio REPO', { ...terminal, typed });
      expect([said.exit, said.out]).toEqual([1, '']);
      expect(said.err).toContain('Nothing was changed.');
    }
    expect(records()).toEqual([]);
    expect((await meshctl('install istio REPO', { ...terminal, typed: ['y'] })).exit).toBe(0);
    expect(records()).toHaveLength(3);
  });

  it('print manifests without a cluster, and values without a repository', async () => {
    const { meshctl, records } = await open();
    const dry = await meshctl('install istio REPO --dry-run --kube-version 1.33', { env: {} });
    expect(dry.exit).toBe(0);
    expect(dry.out).toMatch(/^---\n# Source: base\//);
    expect(dry.out.indexOf('kind: CustomResourceDefinition')).toBeLessThan(dry.out.indexOf('kind: Deployment'));
    const values = await meshctl('install istio --profile ambient --set istiod:replicaCount=2 --show-values -o json', { env: {} });
    const { components } = JSON.parse(values.out);
    expect(components.map(({ component }: { readonly component: string }) => component)).toEqual(['base', 'istiod', 'cni', 'ztunnel']);
    expect(components[1].values).toMatchObject({ replicaCount: 2 });
    expect(records()).toEqual([]);
  });

  it('never show keys that they make', async () => {
    const { meshctl, sandbox } = await open();
    const said = [
      await meshctl('install linkerd REPO --plan -v'),
      await meshctl('install linkerd REPO --yes -v'),
      await meshctl('upgrade linkerd REPO --yes -o json'),
    ];
    const keys = sandbox.store
      .list('core/Secret')
      .flatMap(({ data }) => Object.entries((data ?? {}) as Readonly<Record<string, string>>))
      .filter(([name]) => /key/.test(name));
    expect(keys.length).toBeGreaterThan(0);
    for (const { exit, out, err } of said) {
      expect(exit).toBe(0);
      expect(out + err).not.toContain('PRIVATE KEY');
      for (const [, value] of keys) expect(out + err).not.toContain(value);
    }
  });

  it('keep the certificates that were made', async () => {
    const { meshctl, sandbox } = await open();
    await meshctl('install linkerd REPO --yes');
    const anchor = () => sandbox.store.get('core/ConfigMap', 'linkerd', 'linkerd-identity-trust-roots')?.['data'];
    const first = anchor();
    expect(JSON.stringify(first)).toContain('BEGIN CERTIFICATE');
    expect((await meshctl('upgrade linkerd REPO --yes --set linkerd-control-plane:linkerdVersion=edge-26.8.4')).exit).toBe(0);
    expect((await meshctl('upgrade linkerd REPO --yes')).exit).toBe(0);
    expect(anchor()).toEqual(first);
  });

  it.each([
    ['install', 'No mesh is named to install.'],
    ['install osm', 'no charts to install'],
    ['install istoi', 'Did you mean "istio"?'],
    ['upgrade istio --yes', 'There is no release of Istio to upgrade'],
    ['uninstall istio --yes', 'There is no release of Istio here'],
    ['install istio REPO --yes --version 9.9.9', '9.9.9'],
    ['install istio REPO --yes --set istio:x=1', 'Did you mean "istiod"?'],
    ['install istio REPO --yes --plan --dry-run', 'cannot go together'],
    ['install istio --repo http://127.0.0.1:1/charts --plan', '--chart COMPONENT=DIR|TGZ'],
  ])('fail clearly: %s', async (args, text) => {
    const { meshctl } = await open();
    const { exit, out, err } = await meshctl(args);
    expect(exit).toBeGreaterThan(1);
    expect(out).toBe('');
    expect(err).toContain(text);
  });
});
