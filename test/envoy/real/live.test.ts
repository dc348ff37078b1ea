/** The command as it is used: through the port-forward of a cluster to a real Envoy. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.ts';
import { admin } from '../configuration/bootstrap.ts';
import type { Keys } from '../configuration/secrets.ts';
import { type Envoy, startEnvoy } from '../envoy.ts';
import { meshctl, program, type Running, runWhole, type Said } from './running.ts';

const pod = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: name } },
  spec: { containers: [{ name: 'istio-proxy', image: 'istio/proxyv2:1.30.0' }] },
});

/** A cluster in which the proxies of pods are these. */
function clusterOf(envoys: Readonly<Record<string, Envoy>>): Promise<Sandbox> {
  const dial = (port: number | undefined) => (port === undefined ? undefined : connect(port, '127.0.0.1'));
  return startSandbox({
    objects: Object.keys(envoys).map(pod),
    programs: () => ({ dial: ({ metadata }, port) => (port === 15_000 ? dial(envoys[metadata.name]?.port) : undefined) }),
  });
}

describe.skipIf(program === '')('proxy-config on a real Envoy', () => {
  let running: Running;
  let bare: Envoy;
  let sandbox: Sandbox;

  beforeAll(async () => {
    running = await runWhole();
    bare = await startEnvoy(program, { bootstrap: () => ({ admin, node: { id: 'bare', cluster: 'bare' } }) });
    sandbox = await clusterOf({ web: running.envoy, bare });
  });

  afterAll(async () => {
    await sandbox?.close();
    await bare?.stop();
    await running?.close();
  });

  const NO_KEYS: Keys = { authority: '', chain: '', key: '' };
  const pc = (args: string): Promise<Said> =>
    meshctl(['pc', ...args.split(' '), '-n', 'shop'], { '/kube': sandbox.kubeconfig() }, running?.keys ?? NO_KEYS);

  it.each([
    ['clusters', /^reviews\.shop +9080 +v1 +outbound +EDS +-$/m],
    ['listeners', /^0\.0\.0\.0:15001,\[::\]:15001 +TCP +Addr: \*:15001 +BlackHoleCluster +-$/m],
    ['routes', /^9080 +actions\.shop, actions +\/weighted\* +agent 80%, strict-dns 20% +- +shop\/web$/m],
    ['routes -o json', /"name": "in-scope"/],
    ['endpoints', /^127\.0\.0\.3:\d+ +DRAINING +OK +outbound\|9080\|\|reviews\.shop\.svc\.cluster\.local$/m],
    ['secrets', /^default +certificate +active +yes, 23h left +\S+Z$/m],
    ['bootstrap', /^Mesh version: +1\.30\.0$/m],
    ['ecds', /^delivered +envoy\.extensions\.filters\.http\.buffer\.v3\.Buffer +active$/m],
    ['log', /^http +warning$/m],
    ['stats', /^server\.live: 1$/m],
    ['all', /^endpoints\nENDPOINT/m],
    ['all -o json', /"name": "in-scope"/],
    ['all -o yaml', /^kind: ProxyConfig$/m],
    ['all -o raw', /"EcdsConfigDump|envoy\.admin\.v3\.EcdsConfigDump"/],
  ])('%s', async (args, line) => {
    const [part = '', ...options] = args.split(' ');
    const { exit, out, err } = await pc([part, 'web', ...options].join(' '));
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(line);
  });

  it('finds nothing in an Envoy that has nothing, and is content', async () => {
    for (const part of ['clusters', 'listeners', 'routes', 'endpoints', 'secrets', 'ecds'])
      expect([part, await pc(`${part} bare`)]).toEqual([part, { exit: 0, out: `No ${part}.\n`, err: '' }]);
    for (const part of ['routes', 'endpoints', 'all'])
      expect(JSON.parse((await pc(`${part} bare -o json`)).out)).toMatchObject(part === 'all' ? { clusters: [] } : { [part]: [] });
    expect((await pc('routes bare -o raw')).exit).toBe(0);
    expect((await pc('bootstrap bare')).out).toMatch(/^Node: +bare\n/);
  });

  it('reads stats by an expression, also as JSON with texts and histograms', async () => {
    expect((await pc('stats web --filter ^cluster_manager\\.cds\\.version_text$')).out).toBe('cluster_manager.cds.version_text: "1"\n');
    const { stats } = JSON.parse(
      (await pc('stats web -o json --filter ^(server\\.live|server\\.initialization_time_ms|listener_manager\\.lds\\.version_text)$')).out,
    );
    expect(stats.stats.slice(0, 2)).toEqual([
      { name: 'listener_manager.lds.version_text', value: '1' },
      { name: 'server.live', value: 1 },
    ]);
    expect(stats.stats[2].histograms.computed_quantiles[0].name).toBe('server.initialization_time_ms');
    expect(await pc('stats web --filter (')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('"(" is no regular expression'),
    });
  });

  it('sets levels of logging, tells the way back, and goes it', async () => {
    const before = (await pc('log web')).out;
    const set = await pc('log web --level http:debug --level router:trace');
    expect(set.err).toMatch(/^To undo this: meshctl proxy-config log web -n shop --level http:warning,router:warning\n$/);
    expect(set.out).toMatch(/^http +debug$/m);
    const [, back = ''] = set.err.trim().split('proxy-config log ');
    await pc(`log ${back.replace(' -n shop', '')}`);
    expect((await pc('log web')).out).toBe(before);
    expect((await pc('log web --level error')).err).toContain('--level warning\n');
    expect((await pc('log web')).out).not.toMatch(/ (?:warning|debug)$/m);
    expect((await pc('log web --reset')).out).toBe(before);
    expect(await pc('log web --level htp:debug')).toMatchObject({ exit: 2, err: expect.stringContaining('There is no logger "htp".') });
    expect(Object.keys(JSON.parse((await pc('log web -o json')).out).logging[0].loggers).length).toBeGreaterThan(50);
  });
});
