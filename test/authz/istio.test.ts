/** `meshctl authz` against proxies of the sandbox, and files. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ambient } from '../../src/sandbox/scenarios/ambient.ts';
import { bookinfo } from '../../src/sandbox/scenarios/bookinfo.ts';
import { forbidden } from '../../src/sandbox/scenarios/forbidden.ts';
import { missingSidecar } from '../../src/sandbox/scenarios/missing-sidecar.ts';
import { strictAgainstPlaintext } from '../../src/sandbox/scenarios/strict-against-plaintext.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { ask, askFiles, type Said, within } from '../describe/asked.ts';

// Sandboxes, proxies and whole commands share few processors with other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const schema = JSON.parse(readFileSync(new URL('../../schemas/output/authz-report.json', import.meta.url), 'utf8'));
const isValid = new Ajv2020({ allErrors: true, validateFormats: false }).compile(schema);

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox(bookinfo.options());
});

afterAll(() => sandbox.close());

const authz = (args: string, of: Sandbox = sandbox): Promise<Said> => ask(['authz', ...args.split(' ')], of);

describe('authz', () => {
  it('lists what applies, and whether the proxy has it', async () => {
    const { exit, out, err } = await authz('deploy/reviews-v1 -n bookinfo');
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/^ALLOW +bookinfo\/reviews-viewer +workload +sidecar +yes +1$/m);
    expect(out).toMatch(/^ {2}1 {2}from principals "cluster\.local\/ns\/bookinfo\/sa\/bookinfo-productpage" to methods "GET"$/m);
    expect(out).toContain('What no policy allows is denied');
  });

  it.each([
    ['--from bookinfo/bookinfo-productpage --method GET', 'allowed', 0],
    ['--from spiffe://cluster.local/ns/bookinfo/sa/bookinfo-productpage --method get --path /x', 'allowed', 0],
    ['--from deploy/productpage-v1 --method GET', 'allowed', 0],
    ['--from deploy/productpage-v1', 'depends', 1],
    ['--from bookinfo/bookinfo-details --method GET', 'denied', 1],
    ['--from none --method GET', 'denied', 1],
  ])('%s is %s', async (request, decision, exit) => {
    const said = await authz(`svc/reviews -n bookinfo ${request} --fail-on depends`);
    expect(said.out).toMatch(new RegExp(`^${decision} {2}`, 'm'));
    expect(said.exit).toBe(exit);
    expect((await authz(`svc/reviews -n bookinfo ${request}`)).exit).toBe(0);
    const document = JSON.parse((await authz(`svc/reviews -n bookinfo ${request} -o json`)).out);
    expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true);
    expect(document.verdict.is).toBe(decision);
  });

  it('agrees with what the proxies of the sandbox do', async () => {
    for (const [service, client] of [
      ['details', 'productpage-v1'],
      ['reviews', 'productpage-v1'],
      ['ratings', 'reviews-v2'],
    ]) {
      expect((await authz(`svc/${service} -n bookinfo --from deploy/${client} --method GET --path /`)).out).toMatch(/^allowed /m);
    }
    expect((await authz('svc/productpage -n bookinfo --from deploy/istio-ingressgateway.istio-system --method GET')).out).toMatch(
      /^allowed /m,
    );
  });

  it('says which condition stands in the way', async () => {
    const { out } = await authz('svc/reviews -n bookinfo --from bookinfo/bookinfo-details --method POST');
    expect(out).toMatch(
      /nearest: rule 1 of AuthorizationPolicy bookinfo\/reviews-viewer\n {10}from\.source\.principals: ".*bookinfo-details" is not ".*productpage"\n {10}to\.operation\.methods: "POST" is not "GET"/,
    );
  });

  it('asks back for what makes no sense', async () => {
    expect(await authz('svc/reviews -n bookinfo --from a/b/c')).toMatchObject({ exit: 2, err: expect.stringContaining('names no client') });
    expect(await authz('svc/reviews -n bookinfo --port 99999')).toMatchObject({ exit: 2, err: expect.stringContaining('is no port') });
    expect(await authz('svc/reviews -n bookinfo --path x')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('does not begin with a slash'),
    });
    expect(await authz('svc/reviews -n bookinfo --header x')).toMatchObject({ exit: 2, err: expect.stringContaining('has no value') });
    expect(await authz('svc/reviews -n bookinfo --from-ip x')).toMatchObject({ exit: 2, err: expect.stringContaining('is no address') });
    expect(await authz('svc/reviews -n bookinfo --request-principal x')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('names no token'),
    });
    expect(await authz('svc/reviews -n bookinfo --fail-on denied')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('is about a request'),
    });
    expect(await authz('svc/reviews -n bookinfo --from pod/nobody')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('There is no Pod "nobody"'),
    });
  });

  it('knows a client without a proxy, and a server without one', async () => {
    await within(missingSidecar, async (of) => {
      expect((await authz('svc/reviews -n bookinfo --from deploy/ratings-v1 --method GET', of)).out).toMatch(
        /^denied {2}.*it has no proxy, and shows no identity/m,
      );
      expect((await authz('svc/ratings -n bookinfo --from none', of)).out).toMatch(/^allowed {2}It has no proxy that would ask policies/m);
    });
  });

  it('knows what clients are made to send', async () => {
    await within(strictAgainstPlaintext, async (of) => {
      const { out } = await authz('svc/ratings -n bookinfo --from deploy/reviews-v1 --method GET', of);
      expect(out).toMatch(
        /^denied {2}Mutual TLS is demanded by PeerAuthentication bookinfo\/default, and .*DestinationRule bookinfo\/ratings has it send plain text/m,
      );
    });
  });

  it('goes through the waypoint for services', async () => {
    await within(ambient, async (of) => {
      const { out } = await authz('svc/reviews -n bookinfo --from deploy/productpage-v1 --method GET', of);
      expect(out).toMatch(/^allowed {2}Rule 1 of AuthorizationPolicy bookinfo\/reviews-viewer/m);
      expect(out).toMatch(/^ALLOW +bookinfo\/reviews-viewer +Service bookinfo\/reviews +waypoint bookinfo\/waypoint/m);
      expect((await authz('svc/reviews -n bookinfo --from deploy/details-v1 --method GET', of)).out).toMatch(/^denied /m);
    });
  });

  it('goes by configuration where proxies may not be asked', async () => {
    await within(forbidden, async (of) => {
      const { exit, out } = await authz('svc/reviews -n bookinfo --from bookinfo/bookinfo-productpage --method GET', of);
      expect(exit).toBe(0);
      expect(out).toMatch(/could not be asked/);
      expect(out).toMatch(/^allowed /m);
    });
  });
});

const FILES = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart, sidecar.istio.io/inject: "true"}}
    spec: {containers: [{name: cart, image: cart}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: readers, namespace: shop}
spec:
  rules:
    - from: [{source: {namespaces: [web]}}]
      to: [{operation: {methods: [GET], notPaths: ["/admin*"]}}]
`;

describe('authz of files', () => {
  it('judges manifests before they are applied', async () => {
    const { exit, out } = await askFiles(
      ['authz', 'deploy/cart', '-n', 'shop', '--from', 'web/ui', '--method', 'GET', '--path', '/admin/x'],
      FILES,
    );
    expect(exit).toBe(0);
    expect(out).toMatch(/^denied /m);
    expect(out).toMatch(/to\.operation\.notPaths: "\/admin\/x" is "\/admin\*"/);
    expect(
      (await askFiles(['authz', 'deploy/cart', '-n', 'shop', '--from', 'web/ui', '--method', 'GET', '--path', '/x'], FILES)).out,
    ).toMatch(/^allowed /m);
  });
});
