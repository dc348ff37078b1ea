import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/model/check.ts';
import type { ServedKind } from '../../../src/model/cluster.ts';
import type { Kind } from '../../../src/model/resource.ts';
import { definitions } from '../../../src/sandbox/scenarios/_definitions.ts';
import { base64, details, is, namespace, newRoot, plane, proxyPod, result, rootConfigMap } from './results.ts';

const KINDS = definitions.map((definition) => {
  const { group, names } = (definition as unknown as { spec: { group: string; names: { kind: string } } }).spec;
  return `${group}/${names.kind}` as Kind;
});

const serving = (kinds: readonly Kind[]): Partial<Facts> => ({ kinds: async () => new Map(kinds.map((kind) => [kind, {} as ServedKind])) });

describe('istio/control-plane-definitions-served', () => {
  const id = 'control-plane-definitions-served';
  it('finds kinds that are not served', async () => {
    expect(await is(id, plane(), serving(KINDS))).toBe('ok');
    expect(await result(id, plane(), serving(KINDS.filter((kind) => !kind.endsWith('/Sidecar'))))).toMatchObject({
      is: 'warning',
      reason: 'The API server does not serve "Sidecar".',
    });
    expect(await is(id, plane(), serving([]))).toBe('failed');
  });

  it('leaves clusters alone whose control plane is elsewhere', async () => {
    expect(await is(id, '', serving([]))).toBe('ok');
  });
});

const service = (selector: string, port = 15012, inside = 'istio-system'): string => `
apiVersion: v1
kind: Service
metadata: { name: istiod, namespace: ${inside} }
spec: { ${selector} ports: [{ name: https-dns, port: ${port} }] }
---`;

describe('istio/control-plane-service-exists', () => {
  const id = 'control-plane-service-exists';
  it('wants a Service with the port that proxies use', async () => {
    expect(await is(id, plane() + service('selector: { app: istiod },'))).toBe('ok');
    expect(await is(id, plane() + service(''))).toBe('ok');
    for (const wrong of [
      '',
      service('selector: { app: other },'),
      service('selector: { app: istiod },', 443),
      service('', 15012, 'shop'),
    ]) {
      expect(await details(id, plane() + wrong)).toEqual(['istiod: No Service with port 15012 selects its pods.']);
    }
  });
});

const binding = (subject: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: istiod }
subjects: [${subject}]
---`;

describe('istio/control-plane-permissions-granted', () => {
  const id = 'control-plane-permissions-granted';
  it('wants the service account, or a group of it, to be bound', async () => {
    expect(await is(id, plane() + binding('{ kind: ServiceAccount, name: istiod, namespace: istio-system }'))).toBe('ok');
    expect(await is(id, plane() + binding('{ kind: Group, name: "system:serviceaccounts:istio-system" }'))).toBe('ok');
    expect(await details(id, plane() + binding('{ kind: ServiceAccount, name: istiod, namespace: other }'))).toEqual([
      'istiod: No ClusterRoleBinding names its service account "istiod".',
    ]);
  });
});

describe('istio/control-plane-revisions-distinct', () => {
  const id = 'control-plane-revisions-distinct';
  it('finds two control planes of one revision', async () => {
    expect(await details(id, plane() + plane({ name: 'istiod-2' }))).toEqual([
      'istiod: Its revision is "default".',
      'istiod-2: Its revision is "default".',
    ]);
    expect(await is(id, plane() + plane({ name: 'istiod-canary', revision: 'canary' }))).toBe('ok');
  });

  it('leaves alone what is for other clusters', async () => {
    expect(await is(id, plane() + plane({ name: 'other', env: '{ name: EXTERNAL_ISTIOD, value: "true" }' }))).toBe('ok');
  });
});

const root = newRoot().certificatePem;

const webhook = (kind: 'Mutating' | 'Validating', name: string, more = '', pem = root): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ${kind}WebhookConfiguration
metadata: { name: ${name} }
webhooks:
  - name: rev.namespace.sidecar-injector.istio.io
    clientConfig: { service: { name: istiod, namespace: istio-system }, caBundle: "${base64(pem)}" }
    namespaceSelector: { matchExpressions: [{ key: istio.io/rev, operator: In, values: [stable] }] }
    ${more}
---`;
const slice = `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: istiod-1, namespace: istio-system, labels: { kubernetes.io/service-name: istiod } }
endpoints: [{ conditions: { ready: true } }]
---`;

describe('istio/injection-revisions-exist', () => {
  const id = 'injection-revisions-exist';
  const injector = webhook('Mutating', 'istio-sidecar-injector');
  it('finds namespaces whose label no webhook answers, and says which there are', async () => {
    const found = await result(id, injector + namespace('shop', 'istio.io/rev: old') + namespace('web', 'istio-injection: enabled'));
    expect(found.affected?.map(({ detail }) => detail)).toEqual([
      'Its label "istio.io/rev=old" matches no webhook.',
      'Its label "istio-injection=enabled" matches no webhook.',
    ]);
    expect(found.hint).toContain('kubectl label namespace shop istio.io/rev=stable --overwrite');
  });

  it.each([
    ['asks for what is there', 'istio.io/rev: stable'],
    ['opts out', 'istio-injection: disabled, istio.io/rev: old'],
    ['is in ambient mode', 'istio.io/dataplane-mode: ambient, istio.io/rev: old'],
    ['asks for nothing', ''],
  ])('is silent about a namespace that %s', async (_, labels) => {
    expect(await is(id, injector + namespace('shop', labels))).toBe('ok');
  });
});

describe('the CA bundles of webhooks', () => {
  const published = plane() + rootConfigMap('istio-system', root);
  const stranger = newRoot().certificatePem;
  const AGREE = [
    ['injection-ca-bundle-agrees', (pem: string) => webhook('Mutating', 'istio-sidecar-injector', '', pem)],
    ['control-plane-validation-ca-bundle-agrees', (pem: string) => webhook('Validating', 'istio-validator-istio-system', '', pem)],
  ] as const;

  it.each(AGREE)('are compared with what istiod publishes by istio/%s', async (id, bundle) => {
    expect(await is(id, published + bundle(root))).toBe('ok');
    expect(await is(id, published + bundle(stranger + root))).toBe('ok');
    expect(await is(id, published + bundle(''))).toBe('ok');
    expect(await details(id, published + bundle(stranger))).toEqual([
      expect.stringContaining('Its caBundle holds none of the authorities'),
    ]);
    expect(await is(id, bundle(stranger))).toBe('skipped');
    const custom = plane({ env: '{ name: PILOT_CERT_PROVIDER, value: custom }' }) + rootConfigMap('istio-system', root);
    expect(await is(id, custom + bundle(stranger))).toBe('skipped');
  });
});

describe('validation webhooks', () => {
  const validator = (more = ''): string => webhook('Validating', 'istio-validator-istio-system', more);
  it('need a service that answers', async () => {
    const id = 'control-plane-validation-service-ready';
    expect(await is(id, validator() + service('') + slice)).toBe('ok');
    expect(await is(id, validator() + service(''))).toBe('failed');
    expect(await is(id, '')).toBe('ok');
  });

  it('should not let faulty objects pass', async () => {
    const id = 'control-plane-validation-failure-policy-strict';
    expect(await is(id, validator('failurePolicy: Ignore'))).toBe('warning');
    expect(await result(id, validator('failurePolicy: Fail'))).toEqual({ is: 'ok', reason: 'The failurePolicy is "Fail".' });
    expect(await is(id, '')).toBe('ok');
  });

  it('need a bundle that is in date', async () => {
    const ended = webhook('Validating', 'istio-validator-istio-system', '', newRoot(-20, -10).certificatePem);
    expect(await is('control-plane-validation-ca-bundle-valid', ended)).toBe('failed');
    expect(await is('control-plane-validation-ca-bundle-valid', validator())).toBe('ok');
  });
});

describe('istio/data-plane-pods-run', () => {
  const crashing = (reason: string): string =>
    proxyPod('cart-1').replace('{ name: cart, ready: true }', `{ name: cart, ready: false, state: { waiting: { reason: ${reason} } } }`);

  it('warns of an application that keeps crashing, and says which container', async () => {
    const found = await result('data-plane-pods-run', crashing('CrashLoopBackOff'));
    expect(found).toMatchObject({ is: 'warning', affected: [{ detail: 'Container "cart" is not ready (CrashLoopBackOff).' }] });
    expect(found.hint).toContain('kubectl -n shop logs cart-1 -c cart --previous');
  });

  it('is silent while a pod starts, and about pods outside of the mesh', async () => {
    expect(await is('data-plane-pods-run', crashing('ContainerCreating'))).toBe('ok');
    expect(await is('data-plane-pods-run', crashing('CrashLoopBackOff').replaceAll('istio-proxy', 'other'))).toBe('ok');
  });
});
