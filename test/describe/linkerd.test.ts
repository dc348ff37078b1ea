/** `meshctl describe` of workloads of Linkerd. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it, vi } from 'vitest';
import { brokenEmojivoto } from '../../src/sandbox/scenarios/broken-emojivoto.ts';
import { emojivoto } from '../../src/sandbox/scenarios/emojivoto.ts';
import { ask, askFiles, within } from './asked.ts';

// Sandboxes, proxies and whole commands share few processors with other tests.
vi.setConfig({ testTimeout: 60_000 });

const schema = JSON.parse(readFileSync(new URL('../../schemas/output/describe-report.json', import.meta.url), 'utf8'));
const isValid = new Ajv2020({ allErrors: true, validateFormats: false }).compile(schema);

describe('describe of Linkerd', () => {
  it('tells identity, ports, policy and mutual TLS of a healthy workload', async () => {
    await within(emojivoto, async (of) => {
      const { exit, out } = await ask(['describe', 'deploy/web', '-n', 'emojivoto'], of);
      expect(exit).toBe(0);
      expect(out).toMatch(/^ {2}identity +web\.emojivoto\.serviceaccount\.identity\.linkerd\.cluster\.local$/m);
      expect(out).toMatch(/^ {2}certificate +is valid until /m);
      expect(out).toMatch(/^ {2}port 8080 \(http\) {2}detected: HTTP\/1, HTTP\/2 or TCP\n +Service emojivoto\/web-svc port 80 \(http\)$/m);
      expect(out).toMatch(/^ {2}ports without a Server +all-unauthenticated, by what it was injected with$/m);
      expect(out).toContain('0 differences, 0 other problems.');
      const document = JSON.parse((await ask(['describe', 'deploy/web', '-n', 'emojivoto', '-o', 'json'], of)).out);
      expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true);
    });
  });

  it('shows each fault of a broken mesh at the workload that has it', async () => {
    await within(brokenEmojivoto, async (of) => {
      for (const [target, said] of [
        ['deploy/emoji', /^warning {2}Pod emojivoto\/emoji-\S+ It still trusts/m],
        ['deploy/voting', /^warning {2}Pod emojivoto\/voting-\S+ Its proxy, edge-26\.5\.2, is older/m],
        ['svc/voting-svc', /^warning {2}Service emojivoto\/voting-svc: Its port 8080 is opaque/m],
        ['deploy/web', /is among its labels/],
        ['deploy/vote-bot', /^ {2}proxy +none: it was created before it was to be injected$/m],
      ] as const) {
        const { out } = await ask(['describe', target, '-n', 'emojivoto'], of);
        expect(out).toMatch(said);
      }
      expect((await ask(['describe', 'deploy/emoji', '-n', 'emojivoto', '--fail-on', 'problem'], of)).exit).toBe(1);
    });
  });

  it('tells of files what clients do with requests', async () => {
    const { out } = await askFiles(
      ['describe', 'svc/cart', '-n', 'shop'],
      `
apiVersion: v1
kind: Namespace
metadata: {name: shop, annotations: {linkerd.io/inject: enabled}}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {retry.linkerd.io/http: 5xx, config.linkerd.io/opaque-ports: "3306"}}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}, {name: db, port: 3306}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}, annotations: {config.linkerd.io/skip-inbound-ports: "9000"}}
    spec: {containers: [{name: cart, image: cart, ports: [{containerPort: 8080}, {containerPort: 3306}, {containerPort: 9000}]}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: cart, namespace: shop}
spec:
  parentRefs: [{group: "", kind: Service, name: cart, port: 80}]
  rules:
    - matches: [{path: {value: /beta}}]
      backendRefs: [{name: cart-v2, port: 80, weight: 1}, {name: cart, port: 80, weight: 3}]
---
apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: {name: cart.shop.svc.cluster.local, namespace: shop}
spec: {routes: [{name: GET /items, isRetryable: true, condition: {method: GET, pathRegex: /items}}]}
`,
    );
    expect(out).toMatch(/^ {2}port 3306 +opaque: passed on as TCP/m);
    expect(out).toMatch(/^ {2}port 9000 +bypasses the proxy/m);
    expect(out).toMatch(/^ {2}ServiceProfile shop\/cart\.shop\.svc\.cluster\.local {2}1 route\n {4}GET \/items: retried$/m);
    expect(out).toMatch(/^ {4}\/beta\* → cart-v2:80 25%, cart:80 75%\n {4}without effect as long as the ServiceProfile exists$/m);
    expect(out).toMatch(/retry\.linkerd\.io\/http: 5xx/);
  });
});
