/** The whole command against proxies of the sandbox. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/sandbox/scenarios/_scenario.ts';
import { ambient } from '../../src/sandbox/scenarios/ambient.ts';
import { bookinfo } from '../../src/sandbox/scenarios/bookinfo.ts';
import { emojivoto } from '../../src/sandbox/scenarios/emojivoto.ts';
import { nack } from '../../src/sandbox/scenarios/nack.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { ask, documentOf, type Said } from './asking.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox(bookinfo.options());
});

afterAll(() => sandbox.close());

const pc = (args: string, of: Sandbox = sandbox): Promise<Said> => ask(args, of);

async function within<T>(scenario: Scenario, work: (of: Sandbox) => Promise<T>): Promise<T> {
  const of = await startSandbox(scenario.options());
  try {
    return await work(of);
  } finally {
    await of.close();
  }
}

describe('proxy-config', () => {
  it('shows where a workload sends what, and by which object', async () => {
    const { exit, out } = await pc('routes deploy/productpage-v1 -n bookinfo --host reviews');
    expect(exit).toBe(0);
    expect(out).toMatch(/^9080 .* \/\* +reviews\.bookinfo:9080 v1 80%, v2 10%, v3 10% .* bookinfo\/reviews$/m);
  });

  it.each([
    [
      'clusters svc/reviews -n bookinfo --host ratings --subset v1 -o wide',
      /^ratings\.bookinfo\.svc\.cluster\.local +9080 +v1 +outbound +EDS +bookinfo\/ratings +mutual TLS or plain text +active /m,
    ],
    [
      'listeners deploy/ratings-v1 -n bookinfo --port 15006',
      /Trans: tls; App: Istio HTTP and TCP; Addr: \*:9080 +Cluster: inbound\|9080\|\| +RBAC ALLOW$/m,
    ],
    [
      'endpoints deploy/productpage-v1.bookinfo --cluster outbound|9080|v2|reviews.bookinfo.svc.cluster.local',
      /^10\.[\d.]+:9080 +HEALTHY +OK +outbound\|9080\|v2\|/m,
    ],
    [
      'secrets deploy/details-v1 -n bookinfo -o wide',
      /^default +certificate +active +yes, \d+h left .* spiffe:\/\/cluster\.local\/ns\/bookinfo\/sa\/bookinfo-details$/m,
    ],
    ['bootstrap deploy/details-v1 -n bookinfo', /^Mesh version: +1\.30\.0$/m],
    ['stats deploy/details-v1 -n bookinfo --filter ^server.live', /^server\.live: 1$/m],
    ['stats deploy/details-v1 -n bookinfo -o prom --filter server.live', /^envoy_server_live\{\} 1$/m],
    ['ecds deploy/details-v1 -n bookinfo', /^No ecds\.$/m],
    ['all deploy/details-v1 -n bookinfo', /^secrets\nNAME/m],
    [
      'routes deploy/istio-ingressgateway -n istio-system --path /login',
      /^http\.8080 +bookinfo\.example\.com +\/login +productpage\.bookinfo:9080 /m,
    ],
  ])('%s', async (args, line) => {
    const { exit, out, err } = await pc(args);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(line);
  });

  it('leaves only what the filters keep', async () => {
    const lines = async (args: string): Promise<number> => (await pc(args)).out.trim().split('\n').length - 1;
    const all = await lines('routes deploy/istio-ingressgateway -n istio-system');
    expect(await lines('routes deploy/istio-ingressgateway -n istio-system --path /login')).toBeLessThan(all);
    expect((await pc('endpoints deploy/details-v1 -n bookinfo --status unhealthy')).out).toBe('No endpoints.\n');
    expect((await pc('clusters deploy/details-v1 -n bookinfo --port 1')).out).toBe('No clusters.\n');
    expect((await pc('routes deploy/productpage-v1 -n bookinfo --virtual-service bookinfo/reviews')).out.split('\n')).toHaveLength(3);
  });

  it('gives documents that machines read, and what the proxy itself says', async () => {
    const document = JSON.parse((await pc('clusters deploy/details-v1 -n bookinfo -o json')).out);
    expect(document).toMatchObject({
      apiVersion: 'meshctl.dev/v1',
      kind: 'ProxyConfig',
      proxy: { mesh: 'istio', kind: 'envoy', namespace: 'bookinfo' },
    });
    expect(document.clusters.length).toBeGreaterThan(10);
    for (const args of [
      'all deploy/details-v1 -n bookinfo',
      'log deploy/details-v1 -n bookinfo',
      'all deploy/istio-ingressgateway -n istio-system',
    ]) {
      await documentOf(args, sandbox);
    }
    expect((await pc('clusters deploy/details-v1 -n bookinfo -o yaml')).out).toContain('kind: ProxyConfig');
    expect(JSON.parse((await pc('all deploy/details-v1 -n bookinfo -o raw')).out).configs.length).toBeGreaterThan(5);
    expect(Object.keys(JSON.parse((await pc('all deploy/details-v1 -n bookinfo -o json')).out))).toEqual(
      expect.arrayContaining(['bootstrap', 'clusters', 'listeners', 'routes', 'endpoints', 'secrets']),
    );
  });

  it('sets levels of logging, and tells the way back', async () => {
    const set = await pc('log deploy/reviews-v1 -n bookinfo --level http:debug,router:trace');
    expect(set.err).toMatch(/^To undo this: meshctl proxy-config log reviews-v1-\S+ -n bookinfo --level http:warning,router:warning\n$/);
    expect(set.out).toMatch(/^http +debug$/m);
    const back = await pc(`log ${set.err.trim().split('proxy-config log ')[1]}`);
    expect(back.out).not.toMatch(/debug|: trace/);
    expect((await pc('log deploy/reviews-v1 -n bookinfo --level debug')).err).toContain('--level warning');
    expect((await pc('log deploy/reviews-v1 -n bookinfo --reset')).out).not.toMatch(/^\S+ +debug$/m);
    expect(await pc('log deploy/reviews-v1 -n bookinfo --level htp:debug')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('Did you mean "http"?'),
    });
  });

  it('sets levels in all pods of a workload, and tells the way back for each', async () => {
    const set = await pc('log svc/reviews -n bookinfo --level rbac:trace');
    expect(set.err.split('\n').slice(0, -1)).toEqual([
      'To undo this:',
      ...['v1', 'v2', 'v3'].map((version) =>
        expect.stringMatching(new RegExp(`^  meshctl proxy-config log reviews-${version}-\\S+ -n bookinfo --level rbac:warning$`)),
      ),
    ]);
    expect(set.out.match(/^Pod bookinfo\/reviews-/gm)).toHaveLength(3);
    expect(set.out.match(/^rbac +trace$/gm)).toHaveLength(1);
    const { logging } = await documentOf('log svc/reviews -n bookinfo', sandbox);
    expect(logging.map(({ loggers }: { loggers: Record<string, string> }) => loggers['rbac'])).toEqual(['trace', 'trace', 'trace']);
    expect((await pc('log -l app=reviews -n bookinfo --level rbac:warning')).err.split('\n')).toHaveLength(5);
    expect((await pc('log svc/reviews -n bookinfo --level rbac:warning')).err).toBe('Nothing changed: the levels were so already.\n');
  });

  it('names a proxy by labels too', async () => {
    expect((await pc('bootstrap -l app=details -n bookinfo')).out).toContain('details-v1-');
    expect(await pc('bootstrap -l app=none -n bookinfo')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('has the labels app=none'),
    });
  });

  it('shows why a listener was refused', async () => {
    const { out } = await within(nack, (of) => pc('listeners deploy/reviews-v1 -n bookinfo', of));
    expect(out).toContain("Last change refused: Didn't find a registered implementation for 'envoy.filters.http.golang'");
  });

  it.each([
    ['routes', 2, 'No proxy is named.'],
    ['routs deploy/x', 2, 'Did you mean "routes"?'],
    ['routes dep/x', 2, '"dep/x" names no workload.'],
    ['routes deploy/x -n bookinfo', 2, 'There is no Deployment "x" in namespace "bookinfo".'],
    ['routes reviews -n bookinfo', 2, 'Did you mean "reviews-v'],
    ['routes deploy/istiod -n istio-system', 2, 'has no proxy of a mesh that meshctl knows.'],
    ['workloads deploy/details-v1 -n bookinfo', 2, 'runs an Envoy, which has no workloads (a ztunnel has).'],
    ['clusters deploy/details-v1 -n bookinfo --port x', 2, '"x" is no port.'],
    ['clusters deploy/details-v1 -n bookinfo --admin-port 1', 3, '1'],
    ['stats deploy/details-v1 -n bookinfo --filter (', 2, '"(" is no regular expression: missing closing )'],
    ['clusters deploy/details-v1 more', 2, 'takes 2 arguments'],
    ['clusters deploy/details-v1 -f x.json', 2, 'Both a file, "x.json", and a proxy, "deploy/details-v1", are named.'],
    ['clusters deploy/details-v1 -l app=x', 2, 'Both a proxy, "deploy/details-v1", and a selector of labels, "app=x", are named.'],
    ['clusters deploy/details-v1 -n bookinfo --path /x', 2, '--path says nothing about clusters.'],
    ['clusters deploy/details-v1 -n bookinfo --level debug', 2, '--level is for "log", not for "clusters".'],
    ['clusters deploy/details-v1 -n bookinfo --reset', 2, '--reset is for "log", not for "clusters".'],
    ['clusters deploy/details-v1 -n bookinfo -o prom', 2, 'Only "stats" are written for Prometheus, not "clusters".'],
    ['log deploy/details-v1 -n bookinfo --filter x', 2, '--filter is for "stats", not for "log".'],
    ['stats deploy/details-v1 -n bookinfo --host x', 2, '--host says nothing about stats.'],
    ['bootstrap deploy/details-v1 -n bookinfo --port 80', 2, '--port says nothing about bootstrap.'],
    ['identity deploy/details-v1 -n bookinfo', 2, 'runs an Envoy, which has no identity (a proxy of Linkerd has).'],
  ])('fails clearly: %s', async (args, exit, text) => {
    const said = await pc(args);
    expect([said.exit, said.out]).toEqual([exit, '']);
    expect(said.err).toContain(text);
  });

  it('knows proxies that are no Envoy', async () => {
    expect(await within(emojivoto, (of) => pc('clusters deploy/web -n emojivoto', of))).toMatchObject({
      exit: 2,
      err: expect.stringContaining('runs a proxy of Linkerd, which has no clusters'),
    });
    const routes = await within(ambient, (of) => pc('routes ds/ztunnel -n istio-system', of));
    expect(routes).toMatchObject({ exit: 2, err: expect.stringContaining('runs a ztunnel, which has no routes (an Envoy') });
  });
});
