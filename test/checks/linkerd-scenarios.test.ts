/** `meshctl check` of the sandbox's Linkerd meshes, the whole command. */
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import { itemsAt, stringAt } from '../../src/model/body.ts';
import { scenarios } from '../../src/sandbox/scenarios/index.ts';
import { type Api, openSandbox, until } from '../sandbox/api.ts';

/** A sandbox whose pods have all started. */
async function open(name: string): Promise<Api> {
  const scenario = scenarios.find((each) => each.name === name);
  if (!scenario) throw new RangeError(name);
  const api = await openSandbox(scenario.options());
  await until(() => {
    const pods = api.sandbox.store.list('core/Pod');
    return (
      pods.length >= 12 &&
      pods.every((pod) => itemsAt(pod, 'status', 'conditions').some(({ item }) => item['type'] === 'Ready' && item['status'] === 'True'))
    );
  });
  return api;
}

interface Entry {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly hint?: string;
  readonly affected: readonly { readonly name: string; readonly detail?: string }[];
}

/** What is neither ok nor skipped, by id. */
async function check(
  { sandbox }: Api,
  ...args: readonly string[]
): Promise<{ readonly exit: number; readonly bad: Readonly<Record<string, Entry>> }> {
  const host = memoryHost({
    args: ['check', '-o', 'json', ...args],
    files: { '/kube': sandbox.kubeconfig() },
    env: { KUBECONFIG: '/kube' },
    now: Date.now(),
  });
  const exit = await main(host);
  for (const secret of secretsOf(sandbox)) expect(host.stdout()).not.toContain(secret);
  const entries: readonly Entry[] = JSON.parse(host.stdout()).checks;
  const bad = entries.filter(({ status }) => status === 'warning' || status === 'failed');
  return { exit, bad: Object.fromEntries(bad.map((entry) => [entry.id, entry])) };
}

/** A line out of each private key, and the token. */
function secretsOf({ store, token }: Api['sandbox']): readonly string[] {
  const keys = store
    .list('core/Secret')
    .flatMap((secret) => ['tls.key', 'key.pem'].flatMap((field) => stringAt(secret, 'data', field) ?? []));
  return [token, ...keys.map((key) => atob(key).split('\n')[1] ?? key)];
}

describe('emojivoto', () => {
  it('folds what there is nothing to judge of, unless all is asked for', async () => {
    const { sandbox } = await open('emojivoto');
    const text = async (...args: readonly string[]): Promise<string> => {
      const files = { '/kube': sandbox.kubeconfig() };
      const host = memoryHost({ args: ['check', '--only', 'extensions', ...args], files, env: { KUBECONFIG: '/kube' }, now: Date.now() });
      await main(host);
      return host.stdout();
    };
    const short = await text();
    expect(short.match(/The cluster is linked to no other/g)).toHaveLength(1);
    expect(short).toMatch(/^ {2}ok {7}and \d+ more checks for the same reason; -v lists them\.$/m);
    const long = await text('-v');
    expect(long.match(/The cluster is linked to no other/g)?.length).toBeGreaterThan(5);
    expect(long).not.toContain('for the same reason');
  });

  it('has neither warnings nor failures, and is asked little', async () => {
    const api = await open('emojivoto');
    expect(await check(api)).toEqual({ exit: 0, bad: {} });
    expect(await check(api, '--proxy')).toEqual({ exit: 0, bad: {} });
    const { requests } = api.sandbox;
    expect(requests.get('list pods')).toBe(2);
    expect(requests.get('get secrets')).toBeLessThanOrEqual(10);
    expect([...requests.values()].reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(180);
  });

  it('is told before another installation', async () => {
    expect(Object.keys((await check(await open('emojivoto'), '--pre')).bad)).toContain('linkerd/not-installed');
  });

  it('answers to the names that linkerd check has', async () => {
    const api = await open('emojivoto');
    expect((await check(api, '--only', 'l5d-tap-api,l5d-identity-issuer-cert-is-time-valid')).exit).toBe(0);
  });
});

/** What is planted, by the check that has to find it: what it is about, what it says of it, and what its hint names. */
const PLANTED: Readonly<Record<string, readonly [status: string, affected: RegExp, detail: RegExp, hint: RegExp]>> = {
  'linkerd/issuer-valid': ['warning', /^linkerd-identity-issuer$/, /expires on/, /-n linkerd describe certificate/],
  'linkerd/data-plane-trust-current': ['warning', /^emoji-/, /still trusts "CN=root\.linkerd/, /emojivoto\/emoji-/],
  'linkerd/data-plane-proxies-current': ['warning', /^voting-/, /edge-26\.5\.2, is older/, /-n emojivoto rollout restart/],
  'linkerd/data-plane-pods-injected': ['warning', /^vote-bot-/, /was created before/, /emojivoto\/vote-bot-/],
  'linkerd/opaque-ports-agree': ['warning', /^voting-svc$/, /port 8080 is opaque, but port 8080 of pod "voting-/, /emojivoto\/voting-/],
  'linkerd/pod-settings-are-annotations': ['warning', /^web-/, /"config\.linkerd\.io\/proxy-cpu-request"/, /to the annotations/],
  'linkerd/viz-tap-api-available': ['warning', /^v1alpha1\.tap\.linkerd\.io$/, /^$/, /describe apiservice v1alpha1\.tap\.linkerd\.io/],
  'linkerd/viz-tap-certificate-valid': ['failed', /^v1alpha1\.tap\.linkerd\.io$/, /has not signed/, /Secret "tap-k8s-tls"/],
};

describe('broken-emojivoto', () => {
  it('shows every fault that was planted, under its id, and nothing else of Linkerd', async () => {
    const { exit, bad } = await check(await open('broken-emojivoto'), '--proxy');
    expect(exit).toBe(1);
    for (const [id, [status, affected, detail, hint]] of Object.entries(PLANTED)) {
      const found = bad[id];
      expect([id, found?.status, found?.affected.length]).toEqual([id, status, 1]);
      expect(found?.affected[0]?.name, id).toMatch(affected);
      expect(found?.affected[0]?.detail ?? '', id).toMatch(detail);
      expect(found?.hint, id).toMatch(hint);
    }
    const others = Object.keys(bad).filter((id) => id.startsWith('linkerd/') && !Object.hasOwn(PLANTED, id));
    expect(others).toEqual([]);
  });
});
