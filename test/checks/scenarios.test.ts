/** Every broken mesh of `meshctl sandbox` is found by its id, with a hint that names the object; the healthy ones are not. */
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import { scenarios } from '../../src/sandbox/scenarios/index.ts';
import { startSandbox } from '../../src/sandbox/server.ts';

interface Entry {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly hint?: string;
  readonly affected: readonly { readonly name: string; readonly detail?: string }[];
}

/** What `check` says of a scenario, by id. */
async function checked(name: string, ...args: readonly string[]): Promise<ReadonlyMap<string, Entry>> {
  const scenario = scenarios.find((each) => each.name === name);
  if (!scenario) throw new RangeError(name);
  const sandbox = await startSandbox(scenario.options());
  try {
    const host = memoryHost({
      args: ['check', '-o', 'json', ...args],
      files: { '/kube': sandbox.kubeconfig() },
      env: { KUBECONFIG: '/kube' },
      now: Date.now(),
    });
    await main(host);
    expect(host.stderr()).toBe('');
    expect(host.stdout()).not.toContain('PRIVATE KEY');
    return new Map(JSON.parse(host.stdout()).checks.map((entry: Entry) => [entry.id, entry]));
  } finally {
    await sandbox.close();
  }
}

/** Status, and whom the hint has to name: the object, or for pods the start of its name. */
const BROKEN: readonly (readonly [scenario: string, id: string, status: string, affected: RegExp, hint: RegExp])[] = [
  [
    'stale-proxy',
    'istio/data-plane-configuration-current',
    'failed',
    /^productpage-v1-/,
    /kubectl -n bookinfo logs productpage-v1-\S+ -c istio-proxy/,
  ],
  ['nack', 'istio/data-plane-configuration-accepted', 'failed', /^reviews-v1-/, /kubectl -n bookinfo logs reviews-v1-\S+ -c istio-proxy/],
  ['missing-sidecar', 'istio/data-plane-pods-injected', 'warning', /^ratings-v1-/, /^Pod "bookinfo\/ratings-v1-.*Restart/],
  ['subset-without-pods', 'configuration/analyzed', 'failed', /^reviews$/, /^DestinationRule "bookinfo\/reviews": /],
  [
    'strict-against-plaintext',
    'configuration/analyzed',
    'failed',
    /^ratings$/,
    /^DestinationRule "bookinfo\/ratings": Set the mode to ISTIO_MUTUAL/,
  ],
  ['crash-loop', 'istio/data-plane-pods-run', 'warning', /^reviews-v3-/, /kubectl -n bookinfo logs reviews-v3-\S+ -c reviews --previous/],
  [
    'expired-certificate',
    'istio/certificates-gateways-valid',
    'failed',
    /^bookinfo-certificate$/,
    /Secret "istio-system\/bookinfo-certificate"/,
  ],
  ['expired-certificate', 'configuration/analyzed', 'failed', /^bookinfo-gateway$/, /^Gateway "bookinfo\/bookinfo-gateway": /],
  ['wrong-webhook-ca', 'istio/injection-ca-bundle-agrees', 'failed', /^istio-sidecar-injector$/, /bundle of istio-sidecar-injector/],
  ['version-skew', 'istio/data-plane-versions-supported', 'failed', /^details-v1-/, /pod "bookinfo\/details-v1-/],
  ['dead-istiod', 'istio/control-plane-ready', 'failed', /^istiod$/, /kubectl -n istio-system describe deployment istiod/],
  ['dead-istiod', 'istio/control-plane-pods-healthy', 'failed', /^istiod-/, /kubectl -n istio-system logs istiod-\S+ --previous/],
  ['dead-istiod', 'istio/injection-service-ready', 'failed', /^istio-sidecar-injector$/, /service "istiod"/],
];

/** All ids that may stand out, for each scenario; what else is not `ok` is a false alarm. */
const CONSEQUENCES: Readonly<Record<string, readonly string[]>> = {
  'missing-sidecar': ['configuration/analyzed'],
  'version-skew': ['configuration/analyzed'],
  'dead-istiod': ['istio/control-plane-validation-service-ready'],
};

describe('check of a scenario', () => {
  it.each([
    ['bookinfo', []],
    ['bookinfo', ['--proxy']],
    ['ambient', []],
    ['ambient', ['--proxy']],
  ])('finds nothing in %s %j', { timeout: 20_000 }, async (name, args) => {
    const entries = [...(await checked(name, ...args)).values()];
    expect(entries.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(entries.length).toBeGreaterThan(40);
  });

  it.each(['bookinfo', 'ambient', 'empty'])('finds nothing in the way of an installation in %s', { timeout: 20_000 }, async (name) => {
    const entries = [...(await checked(name, '--pre', '--mesh', 'istio')).values()];
    expect(entries.filter(({ id, status }) => id.startsWith('istio/') && status !== 'ok')).toEqual([]);
  });

  it.each([...new Set(BROKEN.map(([name]) => name))])('finds what is wrong in %s', { timeout: 20_000 }, async (name) => {
    const entries = await checked(name);
    const rows = BROKEN.filter(([scenario]) => scenario === name);
    for (const [, id, status, affected, hint] of rows) {
      const entry = entries.get(id);
      expect([id, entry?.status]).toEqual([id, status]);
      expect(entry?.affected[0]?.name).toMatch(affected);
      expect(entry?.hint).toMatch(hint);
    }
    const expected = [...rows.map(([, id]) => id), ...(CONSEQUENCES[name] ?? [])];
    const others = [...entries.values()].filter(
      ({ id, status }) => (status === 'failed' || status === 'warning') && !expected.includes(id),
    );
    expect(others).toEqual([]);
  });

  it('says nothing of what it may not read', { timeout: 20_000 }, async () => {
    const entries = [...(await checked('forbidden', '-n', 'bookinfo', '--mesh', 'istio')).values()];
    const wrong = entries.filter(({ id, status }) => id.startsWith('istio/') && (status === 'failed' || status === 'warning'));
    expect(wrong).toEqual([]);
  });
});
