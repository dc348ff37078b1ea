/** The flags of proxy-status, and what it costs. */
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { programsOf } from '../checks/programs.ts';
import { fleet } from './fleet.ts';
import { opened, ps, report, scenario } from './run.ts';

const callsTo = ({ requests }: Sandbox): number => [...requests.values()].reduce((sum, count) => sum + count, 0);

describe('proxy-status', () => {
  it('costs no more for many proxies than for some', async () => {
    const costs: number[] = [];
    for (const proxies of [510, 1020]) {
      const sandbox = await opened(fleet({ proxies, istiods: 3, stale: 2 }));
      const found = await report(sandbox);
      expect(found.summary).toMatchObject({ proxies, stale: 2, synced: proxies - 2 });
      expect(found.notices.join()).toMatch(/certificates of \d+ proxies were not read/);
      costs.push(callsTo(sandbox));
    }
    expect(costs[1]).toBe(costs[0]);
    expect(costs[0]).toBeLessThan(16);
  }, 60_000);

  it('goes on without an istiod that does not answer, and does not guess', async () => {
    const { programs, ...options }: SandboxOptions = fleet({ proxies: 9, istiods: 3 });
    const sandbox = await opened({
      ...options,
      programs: (inside) => {
        const all = programs?.(inside);
        return { dial: (pod, port) => (pod.metadata.name === 'istiod-1' ? undefined : all?.dial?.(pod, port)) };
      },
    });
    const found = await report(sandbox);
    expect(found.exit).toBe(0);
    expect(found.controlPlanes.map(({ reachable }) => reachable)).toEqual([true, false, true]);
    expect(found.controlPlanes[1]?.error).toBe('Nothing answers on port 15014.');
    expect(found.summary).toMatchObject({ synced: 6, unknown: 3 });
    const { stdout } = await ps(sandbox);
    expect(stdout).toMatch(/istiod-1 +default +1\.30\.0 +0 +failed Nothing answers on port 15014\./);
    expect(stdout).toMatch(/unknown: .*\n {2}Not every istiod could be asked\./);
  });

  it('names a proxy that no istiod knows', async () => {
    const { programs: _programs, ...options } = fleet({ proxies: 3, istiods: 1 });
    const answers = { 'istiod-0:15014 /version': () => '1.30.0', 'istiod-0:15014 /debug/syncz': () => 'null' };
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
    const running = { state: { running: { startedAt: hourAgo } }, ready: true, name: 'istio-proxy' };
    const objects = [...(options.objects ?? [])].map((object) =>
      JSON.stringify(object).includes('istio-proxy') ? { ...object, status: { phase: 'Running', containerStatuses: [running] } } : object,
    );
    const found = await report(await opened({ ...options, objects, programs: programsOf(answers) }), '--fail-on', 'disconnected');
    expect(found).toMatchObject({ exit: 1, summary: { disconnected: 3 } });
    expect(found.proxies[0]).toMatchObject({ reason: 'No istiod knows its proxy.', hint: expect.stringContaining('port 15012') });
  });

  it('leaves out what was not asked for', async () => {
    const sandbox = await scenario('stale-proxy');
    const stale = await report(sandbox, '--state', 'stale');
    expect(stale).toMatchObject({ summary: { proxies: 1, stale: 1, hidden: 6 } });
    expect((await ps(sandbox, '--state', 'stale')).stdout).toMatch(/^1 proxy: 1 stale.* 6 in other states are not shown\.$/m);
    expect((await report(sandbox, '-n', 'istio-system')).proxies.map(({ type }) => type)).toEqual(['gateway']);
    expect((await report(sandbox, '-l', 'app in (details, ratings),version=v1')).summary).toMatchObject({ proxies: 2, hidden: 0 });
  });

  it('waits for an acknowledgement as long as it is told to', async () => {
    const sandbox = await scenario('stale-proxy');
    expect((await report(sandbox, '--stale-after', '1h')).summary).toMatchObject({ stale: 0, synced: 7 });
    expect((await report(sandbox, '--stale-after', '1m')).summary).toMatchObject({ stale: 1 });
  });

  it('fails on the states that are named', async () => {
    const sandbox = await scenario('stale-proxy');
    expect((await ps(sandbox, '--fail-on', 'error')).exit).toBe(0);
    expect((await ps(sandbox, '--fail-on', 'error,stale')).exit).toBe(1);
    expect((await ps(sandbox, '--fail-on', 'any', '-o', 'yaml')).exit).toBe(1);
  });

  it('orders the proxies', async () => {
    const sandbox = await scenario('version-skew');
    const versions = (await report(sandbox, '--sort', 'version')).proxies.map(({ version }) => version);
    expect(versions).toEqual([...versions].sort());
    const names = (await report(sandbox, '--sort', 'name')).proxies.map(({ namespace, name }) => `${namespace}/${name}`);
    expect(names).toEqual([...names].sort());
  });

  it('has a column for each type when there is room', async () => {
    const { stdout } = await ps(await scenario('nack'), '-o', 'wide');
    expect(stdout).toMatch(/^PROXY +MESH +CLUSTER +TYPE +STATE +CDS +EDS +LDS +RDS +VERSION +REVISION +CERT +CONTROL PLANE$/m);
    expect(stdout).toMatch(/reviews-v1-\S+ +istio +Kubernetes +sidecar +error +synced \(\d+s\) +synced \(\d+s\) +error \(\d+s\)/);
  });

  it.each([
    [['--interval', '5s'], /--interval says how often --watch asks/],
    [['--stale-after', 'soon'], /--stale-after "soon" is no duration\./],
    [['-l', 'a b'], /"a b" is no term of a label selector/],
    [['--state', 'stale,broken'], /"broken".*--state/],
  ])('refuses %j', async (args, words) => {
    const { exit, stdout, stderr } = await ps(await opened({}), ...args);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(words);
  });

  it('knows the namespaces that there are', async () => {
    const { exit, stderr } = await ps(await scenario('bookinfo'), '-n', 'bookinf');
    expect(exit).toBe(2);
    expect(stderr).toMatch(/Namespace "bookinf" was not found.*\n.*"bookinfo"/);
  });

  it('watches: first all, then one line for each change, until a state that must not be', async () => {
    const sandbox = await scenario('bookinfo');
    const host = memoryHost({
      args: ['ps', '--watch', '--interval', '200ms', '--fail-on', 'unknown', '-n', 'bookinfo'],
      files: { '/kube': sandbox.kubeconfig() },
      env: { KUBECONFIG: '/kube' },
      now: Date.now(),
    });
    const watching = main(host);
    await seen(host.stdout, /6 proxies: 6 synced/);
    for (const kind of ['apps/Deployment', 'apps/ReplicaSet', 'core/Pod'] as const)
      for (const { metadata } of sandbox.store.list(kind, 'bookinfo'))
        if (metadata.name.startsWith('details')) sandbox.store.remove(kind, 'bookinfo', metadata.name);
    await seen(host.stdout, /bookinfo\/details-v1-\S+ {2}gone/);
    for (const kind of ['apps/Deployment', 'apps/ReplicaSet', 'core/Pod'] as const)
      for (const { metadata } of sandbox.store.list(kind, 'istio-system'))
        if (metadata.name.startsWith('istiod')) sandbox.store.remove(kind, 'istio-system', metadata.name);
    expect(await watching).toBe(1);
    expect(host.stdout()).toMatch(
      /^\S+Z {2}bookinfo\/reviews-v1-\S+ {2}\w+ 1\.30\.0 → (?:disconnected|unknown) 1\.30\.0(?: at no control plane)? {2}No istiod/m,
    );
  }, 60_000);
});

async function seen(text: () => string, words: RegExp): Promise<void> {
  for (let tries = 0; tries < 300 && !words.test(text()); tries++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(text()).toMatch(words);
}
