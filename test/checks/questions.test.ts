/** `meshctl check --pre` and `--posture`, the whole command against the scenarios of the sandbox. */
import { afterEach, describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import { bookinfo } from '../../src/sandbox/scenarios/bookinfo.ts';
import { empty } from '../../src/sandbox/scenarios/empty.ts';
import { forbidden } from '../../src/sandbox/scenarios/forbidden.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { mesh } from './istio.ts';

const running: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});

async function started(options: SandboxOptions): Promise<Sandbox> {
  const sandbox = await startSandbox({ podStartMs: 0, ...options });
  running.push(sandbox);
  return sandbox;
}

interface Answer {
  readonly exit: number;
  readonly stderr: string;
  /** Status and reason by id. */
  readonly checks: ReadonlyMap<string, { readonly status: string; readonly reason?: string }>;
}

async function check(sandbox: Sandbox, ...args: readonly string[]): Promise<Answer> {
  const host = memoryHost({
    args: ['check', '-o', 'json', ...args],
    files: { '/kube': sandbox.kubeconfig() },
    env: { KUBECONFIG: '/kube' },
    now: Date.now(),
  });
  const exit = await main(host);
  const entries: readonly { readonly id: string; readonly status: string; readonly reason?: string }[] = JSON.parse(host.stdout()).checks;
  return { exit, stderr: host.stderr(), checks: new Map(entries.map((entry) => [entry.id, entry])) };
}

const notOk = ({ checks }: Answer): readonly string[] =>
  [...checks].flatMap(([id, { status }]) => (status === 'ok' ? [] : [`${status} ${id}`]));

describe('check --pre', () => {
  it('finds an empty cluster ready for a mesh, and does not miss one there', async () => {
    const answer = await check(await started(empty.options()), '--pre');
    expect([answer.exit, answer.stderr, ...notOk(answer)]).toEqual([0, '']);
    expect([...answer.checks.keys()].every((id) => id.startsWith('kubernetes/'))).toBe(true);
  });

  it('finds nothing in the way of another version where a mesh runs, and names it', async () => {
    const answer = await check(await started(bookinfo.options()), '--pre', '--only', 'kubernetes');
    expect([answer.exit, ...notOk(answer)]).toEqual([0]);
    expect(answer.checks.get('kubernetes/meshes-complete')?.reason).toBe('Installed: Istio in "istio-system".');
  });

  it('fails for want of permission to install', async () => {
    const writes = ['create', 'patch', 'delete'];
    const forbid: SandboxOptions['forbid'] = ({ verb, resource }) => resource === 'clusterroles' && writes.includes(verb);
    const answer = await check(await started({ ...empty.options(), forbid }), '--pre');
    expect([answer.exit, ...notOk(answer)]).toEqual([1, 'failed kubernetes/cluster-objects-permitted']);
    expect(answer.checks.get('kubernetes/cluster-objects-permitted')?.reason).toBe('You may not create, patch or delete "ClusterRole".');
  });
});

describe('check --posture', () => {
  it('tells what bookinfo in a default installation leaves open', async () => {
    const answer = await check(await started(bookinfo.options()), '--posture', '--only', 'posture');
    expect(answer.exit).toBe(0);
    expect(notOk(answer)).toMatchInlineSnapshot(`
      [
        "warning istio/posture-mtls-strict",
        "warning istio/posture-default-deny",
        "skipped istio/posture-authority-plugged-in",
        "warning istio/posture-gateway-http-redirected",
        "warning istio/posture-egress-restricted",
        "warning istio/posture-traffic-redirected-by-node-agent",
        "warning istio/posture-workloads-probed",
        "warning istio/posture-control-plane-replicated",
        "warning istio/posture-control-plane-resources-set",
        "warning istio/posture-upgrades-staged",
        "warning istio/posture-metrics-collected",
      ]
    `);
  });

  it('asks little of a cluster, however many pods it has, and reads no Secret', async () => {
    for (const question of ['--posture', '--pre']) {
      const counts: number[] = [];
      for (const workloads of [1, 60]) {
        const sandbox = await started({ objects: mesh({ workloads }) });
        await check(sandbox, question, '--only', 'posture,kubernetes');
        expect(sandbox.requests.get('list pods')).toBe(1);
        expect([...sandbox.requests.keys()].filter((request) => request.includes('secrets') && !request.startsWith('list'))).toEqual([]);
        const reviews = sandbox.requests.get('create selfsubjectaccessreviews.authorization.k8s.io') ?? 0;
        counts.push([...sandbox.requests.values()].reduce((sum, count) => sum + count, 0) - reviews);
        expect(reviews).toBeLessThanOrEqual(80);
      }
      expect(counts[1]).toBe(counts[0]);
      expect(counts[0]).toBeLessThanOrEqual(60);
    }
  });
});

describe('check with permission in one namespace only', () => {
  it('answers for the workloads there, and says what is limited', async () => {
    const sandbox = await started(forbidden.options());
    const answer = await check(sandbox, '-n', 'bookinfo');
    expect([answer.exit, answer.checks.get('kubernetes/reads-permitted')?.status]).toEqual([0, 'warning']);
    expect(answer.checks.get('istio/data-plane-proxies-ready')).toMatchObject({ status: 'ok', reason: '6 of 6.' });
    expect(notOk(answer).filter((line) => line.startsWith('failed'))).toEqual([]);
  });

  it('fails where nothing can be read, and without -n', async () => {
    const sandbox = await started(forbidden.options());
    expect((await check(sandbox, '-n', 'default')).exit).toBe(1);
    expect((await check(sandbox)).checks.get('kubernetes/reads-permitted')?.status).toBe('failed');
  });

  it('answers for their posture', async () => {
    const answer = await check(await started(forbidden.options()), '-n', 'bookinfo', '--posture', '--only', 'posture');
    expect([answer.exit, answer.checks.get('istio/posture-workloads-probed')?.status]).toEqual([0, 'warning']);
    expect(answer.checks.get('istio/posture-proxy-resources-set')?.status).toBe('ok');
  });
});
