/** The comparison of one proxy against control planes and proxies of the sandbox. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/cluster/connect.ts';
import type { Options } from '../../src/commands/define.ts';
import { memoryHost } from '../../src/host/memory.ts';
import { at, objectAt } from '../../src/model/body.ts';
import type { Scenario } from '../../src/sandbox/scenarios/_scenario.ts';
import { ambient } from '../../src/sandbox/scenarios/ambient.ts';
import { bookinfo } from '../../src/sandbox/scenarios/bookinfo.ts';
import { deadIstiod } from '../../src/sandbox/scenarios/dead-istiod.ts';
import { emojivoto } from '../../src/sandbox/scenarios/emojivoto.ts';
import { kuma } from '../../src/sandbox/scenarios/kuma.ts';
import { nack } from '../../src/sandbox/scenarios/nack.ts';
import { staleProxy } from '../../src/sandbox/scenarios/stale-proxy.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { diff } from './diff.ts';

const schema = JSON.parse(readFileSync(new URL('../../schemas/output/proxy-difference.json', import.meta.url), 'utf8'));
const isValid = new Ajv2020({ allErrors: true }).compile(schema);

async function within<T>(scenario: Scenario, work: (of: Sandbox) => Promise<T>): Promise<T> {
  const of = await startSandbox(scenario.options());
  try {
    return await work(of);
  } finally {
    await of.close();
  }
}

interface Report {
  readonly inSync: boolean;
  readonly types: readonly {
    readonly type: string;
    readonly state: string;
    readonly compared: number;
    readonly differences: readonly {
      readonly name: string;
      readonly change: string;
      readonly error?: string;
      readonly fields: readonly object[];
    }[];
  }[];
}

async function report(of: Sandbox, target: string, options = {}, files = {}): Promise<Report> {
  const { text } = await diff(of, target, { output: 'json', ...options }, { files });
  const document = JSON.parse(text) as Report;
  expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true);
  return document;
}

/** What the first pod of an app has on its port for administration. */
async function saved(of: Sandbox, app: string, namespace: string, path: string, port = 15_000): Promise<object> {
  const cluster = await connect({ kubeconfig: '/kube' }, memoryHost({ files: { '/kube': of.kubeconfig() } }));
  try {
    const pod = of.store.list('core/Pod', namespace).find(({ metadata }) => metadata.labels?.['app'] === app);
    const { body } = await cluster.podPort({ kind: 'core/Pod', namespace, name: pod?.metadata.name ?? '' }, port).request(path);
    return JSON.parse(body);
  } finally {
    await cluster.close();
  }
}

const EXPECTED = 'outbound|9080|v1|details.bookinfo.svc.cluster.local';

describe('a proxy', () => {
  it.each(['deploy/productpage-v1.bookinfo', 'deploy/reviews-v2.bookinfo', 'deploy/istio-ingressgateway.istio-system'])(
    'that is in sync has no difference: %s',
    (target) =>
      within(bookinfo, async (of) => {
        const { text, exit } = await diff(of, target, { failOn: ['different'] });
        expect(exit).toBe(0);
        expect(text).toMatch(/^Pod \S+ has what istiod-\S+ would send: \d+ clusters, \d+ listeners?, \d+ routes?, \d+ endpoints\.\n$/);
        const { inSync, types } = await report(of, target);
        expect([inSync, types.map(({ state }) => state)]).toEqual([true, ['same', 'same', 'same', 'same', 'same', 'same']]);
      }),
  );

  it('that is stale lacks what it was not sent, and has old values', () =>
    within(staleProxy, async (of) => {
      const { inSync, types } = await report(of, 'deploy/productpage-v1.bookinfo');
      expect(inSync).toBe(false);
      const [clusters, , , endpoints] = types;
      expect(clusters?.differences.map(({ name, change }) => [name, change])).toEqual([
        [EXPECTED, 'missing'],
        ['outbound|9080||details.bookinfo.svc.cluster.local', 'changed'],
      ]);
      expect(clusters?.differences[1]?.fields).toEqual([
        { path: 'circuit_breakers.thresholds[0].max_requests', change: 'changed', intended: 1000, actual: 100 },
      ]);
      expect(endpoints?.differences.map(({ name, change }) => [name, change])).toEqual([[EXPECTED, 'missing']]);
      expect((await diff(of, 'deploy/productpage-v1.bookinfo')).exit).toBe(0);
      const shown = await diff(of, 'deploy/productpage-v1.bookinfo', { failOn: ['different'] }, { columns: 80 });
      expect(shown.exit).toBe(1);
      expect(shown.text.split('\n').every((line) => line.length <= 80)).toBe(true);
      expect(shown.text).toContain('2 of 6 types differ from what\nistiod-');
      expect(shown.text).toContain(`  + ${EXPECTED} (not in the proxy)\n`);
      expect(shown.text).toContain('      circuit_breakers.thresholds[0].max_requests\n        + 1000\n        - 100\n');
      expect((await report(of, 'deploy/reviews-v1.bookinfo')).inSync).toBe(true);
    }));

  it('that rejected its listeners shows the reason', () =>
    within(nack, async (of) => {
      const { types } = await report(of, 'deploy/reviews-v1.bookinfo');
      const [difference] = types.flatMap((each) => each.differences);
      expect(difference).toMatchObject({
        name: 'virtualInbound',
        change: 'changed',
        error: expect.stringContaining("'envoy.filters.http.golang'"),
      });
      const { text } = await diff(of, 'deploy/reviews-v1.bookinfo', {}, { color: true, columns: 80 });
      expect(text).toContain("rejected\u001b[22m\u001b[39m: Didn't find a registered implementation");
      expect(text).toContain('\u001b[32m        + {"name":"envoy.filters.http.golang"');
      expect(text).toContain('The proxy rejected what it was sent');
      const wide = await diff(of, 'deploy/reviews-v1.bookinfo', { output: 'wide' }, { columns: 80 });
      expect(wide.text).toContain('"plugin_name":"quota"}}\n');
    }));

  it('may be a saved dump', () =>
    within(bookinfo, async (of) => {
      const dump = await saved(of, 'reviews', 'bookinfo', '/config_dump?include_eds');
      const target = 'deploy/reviews-v1.bookinfo';
      const options = { file: '/dump.json' };
      const parts = at(dump, ['configs']) as readonly object[];
      const without = { configs: parts.filter((part) => !JSON.stringify(objectAt(part)['@type']).includes('Routes')) };
      const { types } = await report(of, target, options, { '/dump.json': JSON.stringify(without) });
      const routes = types.find(({ type }) => type === 'routes');
      expect(routes?.differences.map(({ change }) => change)).toEqual(Array.from({ length: routes?.compared ?? 0 }, () => 'missing'));
      expect(routes?.compared).toBeGreaterThan(2);
      const other = await saved(of, 'details', 'bookinfo', '/config_dump?include_eds');
      const mixed = await diff(of, target, options, { files: { '/dump.json': JSON.stringify(other) }, columns: 80 });
      expect(mixed.text).toMatch(/^Pod \S+, as saved in\s\/dump\.json:\s\d of 6 types\s/);
      expect(mixed.text).toContain('        .policies[ns[bookinfo]-policy[reviews-viewer]-rule[0]]\n');
      expect(mixed.text).toContain('A saved dump may be older');
      const small = { configs: parts.filter((part) => !JSON.stringify(objectAt(part)['@type']).includes('Endpoints')) };
      const { text } = await diff(of, target, options, { files: { '/dump.json': JSON.stringify(small) } });
      expect(text).toContain('endpoints not compared: The dump of the proxy holds no endpoints');
      expect(await diff(of, target, options, { files: { '/dump.json': '{"other": 1}' } })).toMatchObject({
        exit: 2,
        text: expect.stringContaining('is no dump of a proxy that meshctl knows'),
      });
      expect((await diff(of, target, { ...options, output: 'yaml' }, { files: { '/dump.json': JSON.stringify(dump) } })).text).toContain(
        'kind: ProxyDifferenceReport\n',
      );
    }));
});

describe('a ztunnel', () => {
  it('is compared with what istiod knows of ambient mode', () =>
    within(ambient, async (of) => {
      const { text } = await diff(of, 'ds/ztunnel.istio-system');
      expect(text).toMatch(/^Pod istio-system\/ztunnel-\S+ has what istiod-\S+ would send: \d+ workloads, \d+ services, 1 policy\.\n$/);
      const dump = (await saved(of, 'ztunnel', 'istio-system', '/config_dump')) as Record<string, readonly Record<string, unknown>[]>;
      const changed = {
        ...dump,
        workloads: dump['workloads']?.map((each) => (String(each['name']).startsWith('reviews-v1') ? { ...each, protocol: 'TCP' } : each)),
        services: dump['services']?.filter(({ name }) => name !== 'ratings'),
      };
      const { types } = await report(of, 'ds/ztunnel.istio-system', { file: '/dump.json' }, { '/dump.json': JSON.stringify(changed) });
      expect(types.map(({ type, state, differences }) => [type, state, differences.map(({ change }) => change)])).toEqual([
        ['workloads', 'different', ['changed']],
        ['services', 'different', ['missing']],
        ['policies', 'same', []],
      ]);
      expect(types[0]?.differences[0]?.fields).toEqual([{ path: 'protocol', change: 'changed', intended: 'HBONE', actual: 'TCP' }]);
      expect(types[1]?.differences[0]?.name).toBe('bookinfo/ratings.bookinfo.svc.cluster.local');
      expect((await report(of, 'deploy/waypoint.bookinfo')).inSync).toBe(true);
    }));
});

describe('a proxy of Kuma', () => {
  it('is compared with what its control plane tells of it', () =>
    within(kuma, async (of) => {
      const target = 'deploy/demo-app.kuma-demo';
      const { text } = await diff(of, target);
      expect(text).toMatch(
        /^Pod \S+ has what kuma-control-plane-\S+ would send: 3 clusters, 3 listeners, 2 endpoints\.\n\nsecrets not compared: /,
      );
      const dump = await saved(of, 'demo-app', 'kuma-demo', '/config_dump?include_eds', 9_901);
      const changed = JSON.stringify(dump).replace('"connect_timeout":"5s"', '"connect_timeout":"1s"');
      const { inSync, types } = await report(of, target, { file: '/dump.json' }, { '/dump.json': changed });
      expect(inSync).toBe(false);
      expect(types.flatMap((each) => each.differences).flatMap(({ fields }) => fields)).toEqual([
        { path: 'connect_timeout', change: 'changed', intended: '5s', actual: '1s' },
      ]);
      expect(types.map(({ state }) => state)).toEqual(['different', 'same', 'same', 'same', 'skipped', 'same']);
    }));
});

describe('it fails clearly', () => {
  it.each<readonly [string, Scenario, string, Options, number, string]>([
    [
      'where the control plane tells nothing',
      emojivoto,
      'deploy/web.emojivoto',
      {},
      2,
      'belongs to Linkerd, whose control plane does not tell',
    ],
    ['where no istiod is ready', deadIstiod, 'deploy/reviews-v1.bookinfo', {}, 3, 'None of'],
    ['for a pod that is not there', bookinfo, 'nothing.bookinfo', {}, 2, 'There is no Pod "nothing"'],
    [
      'for a state that says nothing about one proxy',
      bookinfo,
      'deploy/reviews-v1.bookinfo',
      { failOn: ['stale'] },
      2,
      '"--fail-on stale" says nothing',
    ],
  ])('%s', (_title, scenario, target, options, exit, text) =>
    within(scenario, async (of) => {
      const said = await diff(of, target, options);
      expect(said).toMatchObject({ exit, text: expect.stringContaining(text) });
    }),
  );
});
