/** `meshctl check`, the whole command on a memory host against a real HTTP server. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { endingBundle, expiredBundle, type MeshOptions, mesh, NOW } from './istio.ts';
import { type Answers, healthyIstiod, programsOf } from './programs.ts';

const schema = JSON.parse(readFileSync(new URL('../../schemas/output/check-report.json', import.meta.url), 'utf8'));
const isValid = new Ajv2020({ allErrors: true }).compile(schema);
const TOKEN = 'planted-token-7c2e';

const running: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});

async function sandboxOf(objects: readonly object[], options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ objects, token: TOKEN, podStartMs: 0, programs: programsOf(healthyIstiod), ...options });
  running.push(sandbox);
  return sandbox;
}

interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function check(kubeconfig: string, args: readonly string[]): Promise<Ran> {
  const host = memoryHost({ args: ['check', ...args], files: { '/kube': kubeconfig }, env: { KUBECONFIG: '/kube' }, now: NOW });
  const exit = await main(host);
  const ran = { exit, stdout: host.stdout(), stderr: host.stderr() };
  expect(JSON.stringify(ran)).not.toContain(TOKEN);
  return ran;
}

interface CheckEntry {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly hint?: string;
  readonly affected: readonly { readonly name: string; readonly detail?: string }[];
}

/** What is not ok, by id. Fails when the document does not follow its schema. */
async function problems(
  sandbox: Sandbox,
  args: readonly string[] = [],
): Promise<Ran & { readonly bad: Readonly<Record<string, CheckEntry>> }> {
  const ran = await check(sandbox.kubeconfig(), ['-o', 'json', ...args]);
  expect(ran.stderr).toBe('');
  const document = JSON.parse(ran.stdout);
  isValid(document);
  expect(isValid.errors).toBeNull();
  const entries: readonly CheckEntry[] = document.checks;
  return { ...ran, bad: Object.fromEntries(entries.filter(({ status }) => status !== 'ok').map((entry) => [entry.id, entry])) };
}

const callsTo = ({ requests }: Sandbox): number => [...requests.values()].reduce((sum, count) => sum + count, 0);

const brokenBy = async (options: MeshOptions): ReturnType<typeof problems> => problems(await sandboxOf(mesh(options)));

describe('check of a healthy mesh', () => {
  it('finds nothing, and says what it saw', async () => {
    const sandbox = await sandboxOf(mesh());
    expect(await problems(sandbox)).toMatchObject({ exit: 0, bad: {} });
    const { stdout, exit } = await check(sandbox.kubeconfig(), ['--only', 'control-plane']);
    expect(exit).toBe(0);
    expect(stdout).toMatch(
      /^control-plane\n( {2}ok {7}istio\/control-plane-[a-z-]+ +[A-Z].*\n)+\n\d+ checks: \d+ ok, 0 warnings, 0 failed, 0 skipped \(istio 1\.30\.0\)\n$/,
    );
  });

  it('is one document as YAML too, and a case a check as JUnit', async () => {
    const sandbox = await sandboxOf(mesh());
    const { stdout } = await check(sandbox.kubeconfig(), ['-o', 'yaml']);
    expect(stdout).toMatch(
      /^apiVersion: meshctl.dev\/v1\nkind: CheckReport\nmesh: istio\nversion: 1.30.0\nmeshes:\n {2}- id: istio\n {4}version: 1.30.0\nchecks:\n/,
    );
    const junit = await check(sandbox.kubeconfig(), ['-o', 'junit']);
    const cases = junit.stdout.match(/<testcase /g)?.length;
    expect(cases).toBeGreaterThan(15);
    expect(junit.stdout).toContain(`name="meshctl check" tests="${cases}" failures="0"`);
  });

  it('asks little of a cluster, however many pods it has, and of a sample of its proxies', { timeout: 60_000 }, async () => {
    const small = await sandboxOf(mesh({ workloads: 20 }));
    const large = await sandboxOf(mesh({ workloads: 2000 }));
    for (const sandbox of [small, large]) {
      expect(await problems(sandbox)).toMatchObject({ exit: 0, bad: {} });
      // By name, and never with what they hold in a list.
      expect([sandbox.requests.get('list secrets'), sandbox.requests.get('get secrets')]).toEqual([1, 2]);
      expect(sandbox.requests.get('create pods/portforward')).toBe(1);
    }
    expect([small, large].map(({ requests }) => requests.get('list pods'))).toEqual([1, 5]);
    expect(callsTo(small)).toBeLessThanOrEqual(75);
    // Pods, Deployments and ReplicaSets come in pages.
    expect(callsTo(large) - callsTo(small)).toBeLessThanOrEqual(15);
    await check(large.kubeconfig(), ['--proxy']);
    expect(large.requests.get('create pods/portforward')).toBe(1 + 1 + 50);
  });
});

describe('check of a broken mesh', () => {
  it('names the Deployment and the pod of an istiod that is not ready', async () => {
    const { bad, exit } = await brokenBy({ istiodFate: 'CrashLoopBackOff' });
    expect(exit).toBe(1);
    expect(bad['istio/control-plane-ready']).toMatchObject({
      status: 'failed',
      affected: [{ name: 'istiod', detail: '0 of 1 replicas are ready.' }],
    });
    expect(bad['istio/control-plane-pods-healthy']?.affected[0]?.detail).toBe('Container "discovery" is not ready (CrashLoopBackOff).');
    expect(bad['istio/injection-service-ready']?.affected[0]?.detail).toBe(
      'It calls service "istio-system/istiod", which has no ready endpoint.',
    );
    expect(bad['istio/control-plane-ready']?.hint).toContain('kubectl -n istio-system describe deployment istiod');
  });

  it('tells a control plane that was scaled to zero', async () => {
    const { bad } = await brokenBy({ istiodReplicas: 0 });
    expect(bad['istio/control-plane-ready']?.affected[0]?.detail).toBe('It is scaled to zero.');
  });

  it('skips what needs a control plane where there is none', async () => {
    const { bad, exit } = await brokenBy({ hasIstiod: false });
    expect(exit).toBe(1);
    expect(bad['istio/control-plane-exists']?.status).toBe('failed');
    expect(bad['istio/control-plane-ready']).toMatchObject({ status: 'skipped', reason: 'The check "istio/control-plane-exists" failed.' });
  });

  it('finds a webhook whose service is gone', async () => {
    const { bad, exit } = await brokenBy({ hasService: false });
    expect(exit).toBe(1);
    expect(bad['istio/injection-service-ready']).toMatchObject({
      status: 'failed',
      affected: [{ name: 'istio-sidecar-injector', detail: 'It calls service "istio-system/istiod", which does not exist.' }],
    });
    expect(bad['configuration/analyzed']?.affected[0]?.detail).toContain('istio-webhook/webhook-service-exists');
  });

  it('finds a caBundle that expired, ends soon, is empty or no certificate', async () => {
    const detail = async (caBundle: string): Promise<readonly unknown[]> => {
      const { bad, exit } = await brokenBy({ caBundle });
      const found = bad['istio/injection-ca-bundle-valid'];
      return [exit, found?.status, found?.affected[0]?.detail];
    };
    expect(await detail(expiredBundle)).toEqual([1, 'failed', 'Its caBundle expired on 2025-12-22.']);
    expect(await detail(endingBundle)).toEqual([0, 'warning', 'Its caBundle expires on 2026-01-02.']);
    expect(await detail('')).toEqual([1, 'failed', 'It has no caBundle: istiod has not written it.']);
    expect(await detail(Buffer.from('nonsense').toString('base64'))).toEqual([
      1,
      'failed',
      'Its caBundle holds no certificate that can be read.',
    ]);
  });

  it('warns of a webhook that lets pods in without a sidecar, and of two for one pod', async () => {
    expect((await brokenBy({ failurePolicy: 'Ignore' })).bad['istio/injection-failure-policy-safe']?.status).toBe('warning');
    const { bad } = await brokenBy({ hasRival: true });
    expect(bad['istio/injection-webhooks-distinct']?.affected.map(({ name }) => name)).toEqual([
      'istio-sidecar-injector',
      'istio-sidecar-injector-old',
    ]);
  });

  it('finds a pod that should have a sidecar', async () => {
    const { bad, exit } = await brokenBy({ hasProxy: false });
    expect(exit).toBe(0);
    expect(bad['istio/data-plane-pods-injected']).toMatchObject({ status: 'warning' });
    expect(bad['istio/data-plane-pods-injected']?.affected[0]?.name).toMatch(/^reviews-/);
  });

  it('finds a proxy that is not ready', async () => {
    const { bad, exit } = await brokenBy({ proxyFate: 'NotReady' });
    expect(exit).toBe(1);
    expect(bad['istio/data-plane-proxies-ready']?.affected[0]?.detail).toBe('Container "istio-proxy" is not ready.');
  });

  it('warns of a proxy of another minor version, and fails for one too old', async () => {
    const status = async (proxyVersion: string): Promise<string | undefined> =>
      (await brokenBy({ proxyVersion })).bad['istio/data-plane-versions-supported']?.status;
    expect(await status('1.29.4')).toBe('warning');
    expect(await status('1.31.0')).toBe('warning');
    expect(await status('1.27.0')).toBe('failed');
  });

  it('finds a proxy with old configuration, one that rejects it, and one that no istiod knows', async () => {
    const clusters = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
    const sentTime = new Date(NOW - 600_000).toISOString();
    const told = (status: object, others: (name: string) => boolean): Answers => ({
      'istiod:15014 /debug/syncz': ({ store }) =>
        JSON.stringify(
          store
            .list('core/Pod', 'shop')
            .filter(({ metadata: { name } }) => others(name))
            .map(({ metadata: { name } }) => ({ proxy: `${name}.shop`, resources: { [clusters]: { sent: 'b', sentTime, ...status } } })),
        ),
    });
    const objects = mesh();
    const found = async (answers: Answers, id: string): Promise<CheckEntry | undefined> => {
      const clock = { now: () => NOW };
      return (await problems(await sandboxOf(objects, { clock, programs: programsOf(answers) }))).bad[`istio/data-plane-${id}`];
    };
    const stale = await found(
      told({ acked: 'a' }, () => true),
      'configuration-current',
    );
    expect(stale).toMatchObject({ status: 'failed', affected: [{ detail: 'It has not acknowledged the clusters sent 10 minutes ago.' }] });
    expect(stale?.hint).toMatch(/kubectl -n shop logs reviews-/);
    const rejected = await found(
      told({ acked: 'a', lastError: 'Invalid path: /etc/ca.pem' }, () => true),
      'configuration-accepted',
    );
    expect(rejected).toMatchObject({ status: 'failed', affected: [{ detail: 'It rejects clusters: Invalid path: /etc/ca.pem.' }] });
    expect(
      (
        await found(
          told({}, () => false),
          'proxies-connected',
        )
      )?.affected[0]?.name,
    ).toMatch(/^reviews-/);
  });

  it('finds a certificate that was not renewed with --proxy', async () => {
    const certificate = {
      subject_alt_names: [{ uri: 'spiffe://cluster.local/ns/shop/sa/default' }],
      valid_from: new Date(NOW - 86_400_000).toISOString(),
      expiration_time: new Date(NOW + 3_600_000).toISOString(),
    };
    const answers = { ...healthyIstiod, 'reviews:15000 /certs': () => JSON.stringify({ certificates: [{ cert_chain: [certificate] }] }) };
    const { bad } = await problems(await sandboxOf(mesh(), { programs: programsOf(answers) }), ['--proxy']);
    expect(Object.keys(bad)).toEqual(['istio/certificates-workloads-valid']);
    expect(bad['istio/certificates-workloads-valid']?.affected[0]?.detail).toBe(
      'Its certificate expires on 2026-01-01, and has not been renewed.',
    );
  });

  it('shows what is wrong as text, in short and as JUnit', async () => {
    const sandbox = await sandboxOf(mesh({ hasService: false }));
    const text = await check(sandbox.kubeconfig(), ['--only', 'injection']);
    expect(text.stdout).toMatchInlineSnapshot(`
      "injection
        ok       istio/injection-webhook-exists          A webhook injects the sidecar into new pods. "istio-sidecar-injector".
        failed   istio/injection-service-ready           Every service that an injection webhook calls exists and has a ready endpoint.
                 A webhook cannot be answered: new pods are refused, or start without a sidecar.
                 - MutatingWebhookConfiguration istio-sidecar-injector: It calls service "istio-system/istiod", which does not exist.
                 hint: Install the control plane of service "istio-system/istiod" again, or delete the configuration if it is gone for good.
        ok       istio/injection-ca-bundle-valid         Every injection webhook trusts an authority whose certificate is in date. 1 webhook.
        ok       istio/injection-ca-bundle-agrees        Every injection webhook trusts the authority that istiod's certificate is from. 1 webhook.
        ok       istio/injection-failure-policy-safe     No pod starts without its sidecar because istiod is away. The failurePolicy is "Fail": while istiod is away, pods of the mesh cannot be created.
        ok       istio/injection-webhooks-distinct       No pod is selected by more than one injection webhook.
        ok       istio/injection-namespace-labels-agree  No namespace carries labels for injection that contradict each other.
        ok       istio/injection-revisions-exist         Every namespace that asks for injection has a webhook that answers its labels. 1 namespace.

      8 checks: 7 ok, 0 warnings, 1 failed, 0 skipped (istio 1.30.0)
      "
    `);
    const short = await check(sandbox.kubeconfig(), ['--only', 'injection', '-o', 'short']);
    expect(short.stdout).toBe(
      'failed   istio/injection-service-ready  A webhook cannot be answered: new pods are refused, or start without a sidecar.\n' +
        '8 checks: 7 ok, 0 warnings, 1 failed, 0 skipped (istio 1.30.0)\n',
    );
    expect((await check(sandbox.kubeconfig(), ['--only', 'injection', '-o', 'junit'])).stdout).toContain('<failure type="failed"');
  });
});

describe('what check is asked', () => {
  it('is some checks, by id, category or glob', async () => {
    const sandbox = await sandboxOf(mesh({ hasService: false }));
    const ids = async (...args: string[]): Promise<readonly string[]> =>
      JSON.parse((await check(sandbox.kubeconfig(), ['-o', 'json', ...args])).stdout).checks.map(({ id }: CheckEntry) => id);
    expect(await ids('--only', 'istio/control-plane-ready')).toEqual(['istio/control-plane-ready']);
    expect(await ids('--only', 'kubernetes', '--skip', '*/nodes-ready,*version*,*gateway*')).toEqual([
      'kubernetes/api-reachable',
      'kubernetes/reads-permitted',
    ]);
  });

  it('is refused for a name that is no check, with the nearest', async () => {
    const sandbox = await sandboxOf([]);
    const { exit, stderr } = await check(sandbox.kubeconfig(), ['--only', 'control-plain']);
    expect([exit, stderr]).toEqual([
      2,
      'There is no check or category "control-plain".\nDid you mean "control-plane"? The categories are kubernetes, control-plane, versions, injection, certificates, data-plane, configuration.\n',
    ]);
  });

  it('fails on warnings, or never, when told', async () => {
    const warned = await sandboxOf(mesh({ hasProxy: false }));
    expect((await check(warned.kubeconfig(), ['--fail-on', 'warning', '-o', 'junit'])).exit).toBe(1);
    const failed = await sandboxOf(mesh({ hasService: false }));
    expect((await check(failed.kubeconfig(), ['--fail-on', 'never'])).exit).toBe(0);
  });

  it('is one namespace of the data plane with -n', async () => {
    const sandbox = await sandboxOf(mesh({ hasProxy: false }));
    expect((await problems(sandbox, ['-n', 'default'])).bad).toEqual({});
    expect(Object.keys((await problems(sandbox, ['-n', 'shop'])).bad)).toContain('istio/data-plane-pods-injected');
    expect(await check(sandbox.kubeconfig(), ['-n', 'shpo'])).toEqual({
      exit: 2,
      stdout: '',
      stderr: 'Namespace "shpo" was not found in context "sandbox".\nDid you mean "shop"?\n',
    });
  });

  it('is a mesh that was not found', async () => {
    expect((await problems(await sandboxOf([]), ['--mesh', 'istio'])).bad['istio/control-plane-exists']?.status).toBe('failed');
  });

  it('is one question at a time', async () => {
    const { exit, stderr } = await check((await sandboxOf([])).kubeconfig(), ['--pre', '--posture']);
    expect([exit, stderr]).toEqual([2, '--pre and --posture ask different questions.\nGive one of them.\n']);
    expect((await check((await sandboxOf([])).kubeconfig(), ['--wait', 'soon'])).stderr).toBe(
      '--wait "soon" is no duration.\nWrite it like "90s" or "5m".\n',
    );
  });

  it('is asked again with --wait, until time is over', async () => {
    const sandbox = await sandboxOf(mesh({ istiodFate: 'CrashLoopBackOff' }));
    const listed = async (...args: string[]): Promise<number | undefined> => {
      const before = sandbox.requests.get('list deployments.apps') ?? 0;
      expect((await check(sandbox.kubeconfig(), ['--only', 'istio/control-plane-ready', ...args])).exit).toBe(1);
      return (sandbox.requests.get('list deployments.apps') ?? 0) - before;
    };
    expect(await listed()).toBe(1);
    expect(await listed('--wait', '5s')).toBe(4);
  });
});

describe('check of other clusters', () => {
  it('judges Kubernetes alone where there is no mesh, and says so', async () => {
    const { exit, stdout, stderr } = await check((await sandboxOf([])).kubeconfig(), []);
    expect([exit, stderr]).toEqual([0, 'No mesh was found in the cluster, so that only Kubernetes itself was checked.\n']);
    expect(stdout).toContain('5 checks: 5 ok');
    expect(await check((await sandboxOf([])).kubeconfig(), ['--only', 'istio/*'])).toMatchObject({ exit: 2, stdout: '' });
  });

  it('skips what it may not read, and fails for want of permission', async () => {
    const sandbox = await sandboxOf(mesh(), { forbid: ({ resource }) => resource === 'pods' || resource === 'nodes' });
    const { bad, exit } = await problems(sandbox);
    expect(exit).toBe(1);
    expect(bad['kubernetes/reads-permitted']).toMatchObject({
      status: 'failed',
      reason: 'You may not list "Node" and "Pod" in all namespaces, so that other checks cannot judge.',
    });
    const blind = [
      'kubernetes/nodes-ready',
      'istio/data-plane-proxies-ready',
      'istio/control-plane-pods-healthy',
      'istio/data-plane-pods-injected',
    ];
    for (const id of blind) expect([id, bad[id]?.status]).toEqual([id, 'skipped']);
    expect(bad['configuration/analyzed']).toMatchObject({ status: 'warning', reason: expect.stringContaining('could not be read') });
    expect(bad['istio/control-plane-ready']).toBeUndefined();
  });

  it('exits with 3 and one clear error where nothing answers', async () => {
    const sandbox = await startSandbox({ token: TOKEN });
    const kubeconfig = sandbox.kubeconfig();
    await sandbox.close();
    const { exit, stdout, stderr } = await check(kubeconfig, ['-o', 'json']);
    expect([exit, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^Cannot .*context "sandbox"/);
    expect(stderr.match(/Cannot /g)).toHaveLength(1);
  });

  it('exits with 3 and one clear error when the server goes away in the middle', async () => {
    const sandbox: Sandbox = await sandboxOf(mesh(), {
      forbid: ({ resource, verb }) => {
        if (resource === 'nodes' && verb === 'list') void sandbox.close();
        return false;
      },
    });
    const { exit, stdout, stderr } = await check(sandbox.kubeconfig(), []);
    expect([exit, stdout]).toEqual([3, '']);
    expect(stderr.match(/Cannot /g)).toHaveLength(1);
  });

  it('does not take what it may not read for the absence of a mesh', async () => {
    const sandbox = await sandboxOf([], { forbid: ({ resource }) => resource === 'namespaces' });
    const { stderr } = await check(sandbox.kubeconfig(), []);
    expect(stderr).toBe(
      'No mesh was found, but objects of kind Namespace, which show its marks, may not be read. Only Kubernetes itself was checked; --mesh names the mesh.\n',
    );
  });
});
