/** `meshctl describe` against proxies and control planes of the sandbox. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Scenario } from '../../src/sandbox/scenarios/_scenario.ts';
import { ambient } from '../../src/sandbox/scenarios/ambient.ts';
import { bookinfo } from '../../src/sandbox/scenarios/bookinfo.ts';
import { crashLoop } from '../../src/sandbox/scenarios/crash-loop.ts';
import { expiredCertificate } from '../../src/sandbox/scenarios/expired-certificate.ts';
import { forbidden } from '../../src/sandbox/scenarios/forbidden.ts';
import { missingSidecar } from '../../src/sandbox/scenarios/missing-sidecar.ts';
import { nack } from '../../src/sandbox/scenarios/nack.ts';
import { staleProxy } from '../../src/sandbox/scenarios/stale-proxy.ts';
import { strictAgainstPlaintext } from '../../src/sandbox/scenarios/strict-against-plaintext.ts';
import { subsetWithoutPods } from '../../src/sandbox/scenarios/subset-without-pods.ts';
import { versionSkew } from '../../src/sandbox/scenarios/version-skew.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { ask, askFiles, type Said, within } from './asked.ts';

const schema = JSON.parse(readFileSync(new URL('../../schemas/output/describe-report.json', import.meta.url), 'utf8'));
const isValid = new Ajv2020({ allErrors: true, validateFormats: false }).compile(schema);

// Sandboxes, proxies and whole commands share few processors with other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox(bookinfo.options());
});

afterAll(() => sandbox.close());

const tell = (args: string, of: Sandbox = sandbox): Promise<Said> => ask(['describe', ...args.split(' ')], of);

describe('describe of a healthy workload', () => {
  it('names what applies, each with the object that it comes from', async () => {
    const { exit, out, err } = await tell('deploy/reviews-v1 -n bookinfo');
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/^ {2}identity +spiffe:\/\/cluster\.local\/ns\/bookinfo\/sa\/bookinfo-reviews$/m);
    expect(out).toMatch(
      /^ {2}VirtualService bookinfo\/reviews {2}for reviews at sidecars\n {4}everything → reviews v1 80%, reviews v2 10%, reviews v3 10%$/m,
    );
    expect(out).toMatch(/^ {4}subset v1 \(version=v1\): these pods$/m);
    expect(out).toMatch(/^ {2}accepts +mutual TLS only \(STRICT\) \[PeerAuthentication bookinfo\/default\]$/m);
    expect(out).toMatch(/^ {2}AuthorizationPolicy bookinfo\/reviews-viewer {2}ALLOW, 1 rule; of the workload, at the sidecar$/m);
    expect(out).toMatch(/By configuration and its proxy: 0 differences, 0 other problems\.\n$/);
  });

  it('shows of a service who its pods are and where it is reached from outside', async () => {
    const { out } = await tell('svc/productpage -n bookinfo');
    expect(out).toMatch(/^ {2}Gateway bookinfo\/bookinfo-gateway {2}bookinfo\.example\.com by VirtualService bookinfo\/bookinfo$/m);
    expect(out).toContain('By configuration and 2 proxies: 0 differences');
  });

  it('shows of a gateway what it serves', async () => {
    const { out } = await tell('deploy/istio-ingressgateway -n istio-system');
    expect(out).toMatch(
      /^Gateways that it serves\n {2}Gateway bookinfo\/bookinfo-gateway {2}VirtualService bookinfo\/bookinfo\n {4}80 HTTP bookinfo\.example\.com$/m,
    );
  });

  it('writes documents as their schema says', async () => {
    for (const args of ['deploy/reviews-v1 -n bookinfo', 'svc/productpage -n bookinfo', 'deploy/istio-ingressgateway -n istio-system']) {
      const document = JSON.parse((await tell(`${args} -o json`)).out);
      expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true);
      expect(document.sections.map(({ id }: { id: string }) => id)).toContain('ports');
    }
    expect((await tell('deploy/reviews-v1 -n bookinfo -o yaml')).out).toContain('kind: DescribeReport');
  });

  it('goes by configuration alone when it is told to', async () => {
    const { out } = await tell('deploy/reviews-v1 -n bookinfo --no-proxy');
    expect(out).toContain('By configuration alone');
    expect(out).not.toContain('certificate ');
  });

  it('fits its lines to a terminal', async () => {
    const { out } = await ask(['describe', 'svc/reviews', '-n', 'bookinfo'], sandbox, 80);
    const long = out.split('\n').filter((line) => line.length > 80);
    expect(
      long.every((line) =>
        line
          .trim()
          .split(' ')
          .some((word) => word.length > 50),
      ),
    ).toBe(true);
  });

  it('asks back where it cannot know what is meant', async () => {
    expect(await tell('reviews-v1x -n bookinfo')).toMatchObject({ exit: 2, err: expect.stringContaining('Did you mean "reviews-v1"?') });
    expect(await tell('svc/reviews')).toMatchObject({ exit: 2, err: expect.stringContaining('add -n bookinfo') });
    expect(await tell('cm/reviews')).toMatchObject({ exit: 2, err: expect.stringContaining('names no workload') });
    expect(await tell('svc/reviews -n bookinfo --mesh osm')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('and not Open Service Mesh'),
    });
    expect((await tell('reviews -n bookinfo')).out).toMatch(/^Service bookinfo\/reviews$/m);
  });
});

const BROKEN: readonly (readonly [scenario: Scenario, target: string, said: RegExp, failOn: string])[] = [
  [strictAgainstPlaintext, 'svc/ratings -n bookinfo', /^error {2}DestinationRule bookinfo\/ratings: The rule sends plain text/m, 'problem'],
  [
    strictAgainstPlaintext,
    'deploy/reviews-v2 -n bookinfo',
    /^ {2}sends to ratings\.bookinfo:9080 {2}plain text.*\n.*refused there: PeerAuthentication bookinfo\/default/m,
    'problem',
  ],
  [
    subsetWithoutPods,
    'svc/reviews -n bookinfo',
    /sends 10% of the requests to reviews\.\S+ subset "v4", which has no endpoints in the proxy/,
    'problem',
  ],
  [subsetWithoutPods, 'deploy/productpage-v1 -n bookinfo', /VirtualService bookinfo\/reviews sends 10%/, 'problem'],
  [missingSidecar, 'svc/ratings -n bookinfo', /^warning {2}Pod bookinfo\/ratings-v1-\S+ Pod ".*" has no sidecar/m, 'problem'],
  [missingSidecar, 'deploy/ratings-v1 -n bookinfo', /^ {2}accepts +plain text only, as there is no proxy$/m, 'problem'],
  [
    expiredCertificate,
    'deploy/istio-ingressgateway -n istio-system',
    /^error {2}The certificate "kubernetes:\/\/bookinfo-certificate" of the proxy of .* expired on /m,
    'problem',
  ],
  [expiredCertificate, 'svc/productpage -n bookinfo', /^error {2}Gateway bookinfo\/bookinfo-gateway: Secret .* expired on/m, 'problem'],
  [
    staleProxy,
    'deploy/productpage-v1 -n bookinfo',
    /^difference {2}The proxy of Pod "bookinfo\/productpage-\S+" has not acknowledged the clusters sent 20 minutes ago/m,
    'difference',
  ],
  [
    nack,
    'svc/reviews -n bookinfo',
    /^difference {2}The proxy of .* refuses the last change of its listener "virtualInbound".*\n.*EnvoyFilter bookinfo\/reviews-quota/m,
    'difference',
  ],
  [versionSkew, 'deploy/details-v1 -n bookinfo', /^error {2}Pod bookinfo\/details-v1-\S+ The proxy is 1\.27\.3/m, 'problem'],
  [crashLoop, 'svc/reviews -n bookinfo', /is not ready: CrashLoopBackOff/, 'problem'],
];

describe('describe of what is broken', () => {
  it.each(BROKEN.map(([scenario, target, said, failOn]) => [`${scenario.name}: ${target}`, { scenario, target, said, failOn }] as const))(
    '%s',
    async (_name, { scenario, target, said, failOn }) => {
      await within(scenario, async (of) => {
        const { exit, out } = await tell(target, of);
        expect(exit).toBe(0);
        expect(out).toMatch(said);
        expect((await tell(`${target} --fail-on ${failOn}`, of)).exit).toBe(1);
        const document = JSON.parse((await tell(`${target} -o json`, of)).out);
        expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true);
        expect(document.problems.length).toBeGreaterThan(0);
      });
    },
  );

  it('says what could not be read', async () => {
    await within(forbidden, async (of) => {
      const { exit, out } = await tell('svc/reviews -n bookinfo', of);
      expect(exit).toBe(0);
      expect(out).toMatch(/could not be asked: Cannot create a port-forward/);
      expect(out).toMatch(/^Not everything that may apply could be read: "AuthorizationPolicy", /m);
      expect(JSON.parse((await tell('svc/reviews -n bookinfo -o json', of)).out).notRead.length).toBeGreaterThan(5);
    });
  });
});

describe('describe in ambient mode', () => {
  it('shows ztunnel, the waypoint and the routes of the Gateway API', async () => {
    await within(ambient, async (of) => {
      const { out } = await tell('svc/reviews -n bookinfo', of);
      expect(out).toMatch(/^ {2}proxy +ztunnel of its node: its namespace is in ambient mode$/m);
      expect(out).toMatch(/^ {2}waypoint +bookinfo\/waypoint for Service bookinfo\/reviews/m);
      expect(out).toMatch(/^ {2}HTTPRoute bookinfo\/reviews {2}at Service bookinfo\/reviews\n {4}everything → reviews-v1:9080 80%/m);
      expect(out).toMatch(/of Service bookinfo\/reviews, at the waypoint bookinfo\/waypoint$/m);
      expect((await tell('gateway/waypoint -n bookinfo', of)).out).toMatch(/the waypoint of bookinfo\/details, /);
    });
  });
});

const SHOP = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart, version: v1}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: cart, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}, {name: metrics, port: 9090}]}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: shop}
spec: {egress: [{hosts: ["./*"]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}, portLevelMtls: {"9090": {mode: PERMISSIVE}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: web}
spec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart]
  http:
    - match: [{uri: {prefix: /beta}, headers: {tester: {exact: "yes"}}}]
      route: [{destination: {host: cart, subset: v2}}]
    - route: [{destination: {host: cart, subset: v1}, weight: 100}]
      timeout: 2s
`;

describe('describe of files', () => {
  it('tells what manifests would do, and asks nobody', async () => {
    const { exit, out, err } = await askFiles(['describe', 'deploy/cart', '-n', 'shop'], SHOP);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/^ {2}pods +as Deployment shop\/cart makes them$/m);
    expect(out).toMatch(/^ {2}port 8080 +HTTP$/m);
    expect(out).toMatch(/^ {2}port 9090 +not declared, so that proxies detect HTTP or TCP$/m);
    expect(out).toMatch(/^ {4}\/beta\* tester=yes → cart v2\n {4}everything → cart v1; timeout 2s$/m);
    expect(out).toMatch(/^ {2}accepts +mutual TLS only \(STRICT\)/m);
    expect(out).toMatch(/^ {2}accepts at port 9090 +mutual TLS and plain text \(PERMISSIVE\)/m);
    expect(out).toMatch(
      /^ {2}clients of web send +plain text \[DestinationRule web\/cart\]\n.*the pods refuse that: PeerAuthentication shop\/cart demands mutual TLS$/m,
    );
    expect(out).toMatch(/^ {2}Sidecar +shop\/default lets in \d+ of \d+ hosts?$/m);
    expect(out).toMatch(/^ {2}other addresses +refused \(REGISTRY_ONLY\)/m);
    expect(out).toContain('By configuration alone');
  });

  it('takes a workload of a namespace in ambient mode for what it is', async () => {
    const { out } = await askFiles(
      ['describe', 'deploy/cart', '-n', 'shop'],
      SHOP.replace('istio-injection: enabled', 'istio.io/dataplane-mode: ambient'),
    );
    expect(out).toMatch(/^ {2}proxy +ztunnel of its node: its namespace is in ambient mode/m);
  });
});
