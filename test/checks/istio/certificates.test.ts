import { describe, expect, it } from 'vitest';
import { MeshctlError } from '../../../src/errors.ts';
import type { Facts } from '../../../src/model/check.ts';
import { issueCertificate } from '../../../src/sandbox/pki/certificate.ts';
import { readCertificates } from '../../../src/text/pem.ts';
import { base64, daysFrom, details, is, newRoot, plane, proxyPod, result, rootConfigMap } from './results.ts';

const root = newRoot();
const other = newRoot();
const intermediate = issueCertificate({ commonName: 'intermediate', isCa: true, issuer: root, ...daysFrom(-10, 300) });
const PUBLISHED = plane() + rootConfigMap('istio-system', root.certificatePem);

const secret = (name: string, data: Readonly<Record<string, string>>, namespace = 'istio-system'): string => `
apiVersion: v1
kind: Secret
metadata: { name: ${name}, namespace: ${namespace} }
data: ${JSON.stringify(Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])))}
---`;

const GOOD = {
  'ca-cert.pem': intermediate.certificatePem,
  'ca-key.pem': intermediate.keyPem,
  'cert-chain.pem': intermediate.certificatePem + root.certificatePem,
  'root-cert.pem': root.certificatePem,
};
const cacerts = (changes: Readonly<Record<string, string>> = {}): string => secret('cacerts', { ...GOOD, ...changes });

const forbidden: Partial<Facts> = {
  get: async () => {
    throw new MeshctlError('E_CLUSTER_FORBIDDEN', 'You may not.', {});
  },
};

describe('istio/certificates-authority-valid', () => {
  const valid = (objects: string): Promise<readonly (string | undefined)[]> => details('certificates-authority-valid', objects);

  it('judges by the lifetime of each', async () => {
    expect(await result('certificates-authority-valid', PUBLISHED + cacerts())).toEqual({
      is: 'ok',
      reason: 'Its root is valid until 2035-12-20.',
    });
    const ended = newRoot(-100, -1).certificatePem;
    expect(await valid(plane() + rootConfigMap('istio-system', ended))).toEqual(['istio-ca-root-cert: Its root expired on 2025-12-31.']);
    const ending = issueCertificate({ commonName: 'i', isCa: true, issuer: root, ...daysFrom(-300, 10) }).certificatePem;
    expect(await valid(PUBLISHED + cacerts({ 'ca-cert.pem': ending }))).toEqual([
      'cacerts: Its signing certificate expires on 2026-01-11.',
    ]);
    expect(await is('certificates-authority-valid', PUBLISHED + cacerts({ 'ca-cert.pem': ending }))).toBe('warning');
  });

  it('takes the longest of several roots, as during a rotation', async () => {
    const both = newRoot(-3650, 1).certificatePem + root.certificatePem;
    expect(await valid(plane() + rootConfigMap('istio-system', both))).toEqual([]);
  });

  it('tells who renews the root that istiod made itself', async () => {
    const own = newRoot(-1000, 10);
    const objects =
      plane() +
      rootConfigMap('istio-system', own.certificatePem) +
      secret('istio-ca-secret', { 'ca-cert.pem': own.certificatePem, 'ca-key.pem': own.keyPem });
    expect((await result('certificates-authority-valid', objects)).hint).toContain('istiod renews the root that it made itself');
  });

  it('has nothing to judge where nothing is shown', async () => {
    expect(await is('certificates-authority-valid', plane())).toBe('skipped');
  });
});

describe('istio/certificates-authority-consistent', () => {
  const faults = (objects: string): Promise<readonly (string | undefined)[]> =>
    details('certificates-authority-consistent', PUBLISHED + objects);

  it('accepts what belongs together, in whatever order and form', async () => {
    expect(await faults(cacerts())).toEqual([]);
    expect(await faults(cacerts({ 'cert-chain.pem': root.certificatePem + intermediate.certificatePem }))).toEqual([]);
    const tls = { 'tls.crt': intermediate.certificatePem, 'tls.key': intermediate.keyPem, 'ca.crt': root.certificatePem };
    expect(await faults(secret('cacerts', tls))).toEqual([]);
    const own = { 'ca-cert.pem': root.certificatePem, 'ca-key.pem': root.keyPem, 'cert-chain.pem': '', 'root-cert.pem': '' };
    expect(await faults(secret('istio-ca-secret', own))).toEqual([]);
    expect(await faults('')).toEqual([]);
  });

  it('walks a chain of several intermediates', async () => {
    const second = issueCertificate({ commonName: 'second', isCa: true, issuer: intermediate, ...daysFrom(-1, 100) });
    const chain = second.certificatePem + intermediate.certificatePem + root.certificatePem;
    expect(await faults(cacerts({ 'ca-cert.pem': second.certificatePem, 'ca-key.pem': second.keyPem, 'cert-chain.pem': chain }))).toEqual(
      [],
    );
  });

  it('finds each part that does not belong, and prints no key', async () => {
    expect(await faults(cacerts({ 'ca-key.pem': other.keyPem }))).toEqual(['cacerts: Its key is not the one of the signing certificate.']);
    expect(await faults(cacerts({ 'root-cert.pem': other.certificatePem, 'cert-chain.pem': intermediate.certificatePem }))).toEqual([
      'cacerts: Its root has not issued the signing certificate, nor any certificate of the chain that has.',
    ]);
    expect(await faults(cacerts({ 'cert-chain.pem': root.certificatePem }))).toEqual([
      'cacerts: Its chain lacks the signing certificate, so that workloads show it to nobody.',
    ]);
    const leaf = issueCertificate({ commonName: 'leaf', issuer: root, ...daysFrom(-1, 10) });
    const asLeaf = { 'ca-cert.pem': leaf.certificatePem, 'ca-key.pem': leaf.keyPem, 'cert-chain.pem': leaf.certificatePem };
    expect(await faults(cacerts(asLeaf))).toEqual(['cacerts: Its signing certificate is not that of an authority.']);
    expect(await faults(cacerts({ 'ca-cert.pem': 'nonsense' }))).toEqual(['cacerts: It holds no signing certificate that can be read.']);
    const found = await result('certificates-authority-consistent', PUBLISHED + cacerts({ 'ca-key.pem': other.keyPem }));
    expect(JSON.stringify(found)).not.toContain('PRIVATE');
  });

  it('cannot judge what may not be read, and leaves other authorities alone', async () => {
    expect(await is('certificates-authority-consistent', PUBLISHED + cacerts(), forbidden)).toBe('skipped');
    const elsewhere = plane({ env: '{ name: ENABLE_CA_SERVER, value: "false" }' });
    expect(await is('certificates-authority-consistent', elsewhere + cacerts({ 'ca-key.pem': other.keyPem }))).toBe('ok');
  });
});

describe('istio/certificates-roots-published', () => {
  const published = (objects: string): Promise<readonly (string | undefined)[]> =>
    details('certificates-roots-published', PUBLISHED + objects);

  it('finds a namespace with another root, with none, or without the ConfigMap', async () => {
    expect(await published(proxyPod('a') + rootConfigMap('shop', other.certificatePem))).toEqual([
      'istio-ca-root-cert: It holds another root than the control plane publishes.',
    ]);
    expect(await published(proxyPod('a') + rootConfigMap('shop', ''))).toEqual([
      'istio-ca-root-cert: It holds no certificate that can be read.',
    ]);
    expect(await published(proxyPod('a'))).toEqual(['shop: It has proxies, but no ConfigMap "istio-ca-root-cert".']);
  });

  it('finds a Secret that istiod has not read', async () => {
    const objects = proxyPod('a') + rootConfigMap('shop', root.certificatePem);
    expect(await published(objects + secret('cacerts', { 'ca-cert.pem': other.certificatePem }))).toEqual([
      'cacerts: istiod does not publish its root: it has not read the Secret since it was written.',
    ]);
  });

  it('is silent during a rotation, and about namespaces without proxies', async () => {
    const rotating = rootConfigMap('shop', other.certificatePem + root.certificatePem);
    expect(await published(proxyPod('a') + rotating + cacerts())).toEqual([]);
    expect(await published(rootConfigMap('other', other.certificatePem))).toEqual([]);
    expect(await is('certificates-roots-published', proxyPod('a'))).toBe('skipped');
    const bundles = plane({ env: '{ name: ENABLE_CLUSTER_TRUST_BUNDLE_API, value: "true" }' });
    expect(await is('certificates-roots-published', bundles + rootConfigMap('istio-system', root.certificatePem) + proxyPod('a'))).toBe(
      'skipped',
    );
  });
});

const gateway = (credential: string): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: web, namespace: shop }
spec:
  selector: { istio: ingress }
  servers: [{ port: { number: 443, name: https, protocol: HTTPS }, hosts: [shop.example.com], tls: { mode: SIMPLE, credentialName: ${credential} } }]
---
apiVersion: v1
kind: Pod
metadata: { name: ingress-1, namespace: ingress, labels: { istio: ingress } }
spec: { containers: [{ name: istio-proxy, image: auto }] }
---`;

const serving = (first: number, last: number): Readonly<Record<string, string>> => {
  const { certificatePem, keyPem } = issueCertificate({ commonName: 'shop.example.com', ...daysFrom(first, last) });
  return { 'tls.crt': certificatePem, 'tls.key': keyPem };
};

describe('istio/certificates-gateways-valid', () => {
  const judged = (objects: string, changes?: Partial<Facts>): Promise<readonly (string | undefined)[]> =>
    details('certificates-gateways-valid', objects, changes);

  it('finds what expired or ends soon, in the namespace of the gateway', async () => {
    expect(await judged(gateway('shop-tls') + secret('shop-tls', serving(-90, -2), 'ingress'))).toEqual([
      'shop-tls: Its certificate, which Gateway "shop/web" serves, expired on 2025-12-30.',
    ]);
    expect(await is('certificates-gateways-valid', gateway('shop-tls') + secret('shop-tls', serving(-85, 5), 'ingress'))).toBe('warning');
  });

  it('reads the listeners of Gateway API, too', async () => {
    const kubernetes = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec: { gatewayClassName: istio, listeners: [{ name: https, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: edge-tls }, { kind: Other, name: x }] } }] }
---`;
    expect(await judged(kubernetes + secret('edge-tls', serving(-90, -2), 'shop'))).toHaveLength(1);
  });

  it('is silent about good ones, those that do not exist, and what is no certificate', async () => {
    expect(await judged(gateway('shop-tls') + secret('shop-tls', serving(-20, 70), 'ingress'))).toEqual([]);
    expect(await judged(gateway('shop-tls') + secret('shop-tls', serving(-90, -2), 'elsewhere'))).toEqual([]);
    expect(await judged(gateway('shop-tls') + secret('shop-tls', { 'tls.crt': 'x' }, 'ingress'))).toEqual([]);
    expect(await judged(gateway('shop-tls') + secret('shop-tls', serving(-90, -2), 'ingress'), { namespace: 'other' })).toEqual([]);
  });

  it('reads fifty and no more', async () => {
    let read = 0;
    const many = Array.from({ length: 60 }, (_, index) =>
      gateway(`tls-${index}`).split('---')[0]?.replace('name: web', `name: web-${index}`),
    );
    const secrets = Array.from({ length: 60 }, (_, index) => secret(`tls-${index}`, {}, 'ingress'));
    const get: Facts['get'] = async () => {
      read++;
      return undefined;
    };
    const objects = `${many.join('---')}---${gateway('tls-0').split('---')[1]}---${secrets.join('')}`;
    expect((await result('certificates-gateways-valid', objects, { get })).reason).toBe('50 certificates. The first 50 of 60 were read.');
    expect(read).toBe(50);
  });
});

interface Shown {
  readonly identity?: string;
  readonly from?: string;
  readonly to?: string;
  readonly serial?: string;
}

const certs = ({
  identity = 'spiffe://cluster.local/ns/shop/sa/cart',
  from = '2026-01-01T06:00:00Z',
  to = '2026-01-02T06:00:00Z',
  serial = '',
}: Shown): string =>
  JSON.stringify({
    certificates: [
      { ca_cert: [], cert_chain: [{ serial_number: '1', subject_alt_names: [{ dns: 'shop.example.com' }] }] },
      {
        ca_cert: serial === '' ? [] : [{ serial_number: serial }],
        cert_chain: [{ serial_number: '2', subject_alt_names: [{ uri: identity }], valid_from: from, expiration_time: to }],
      },
    ],
  });

describe('istio/certificates-workloads-valid', () => {
  const faults = (shown: Shown, objects = ''): Promise<readonly (string | undefined)[]> =>
    details('certificates-workloads-valid', plane() + proxyPod('cart-1') + objects, {
      ask: async (_, port, path) => (port === 15000 && path === '/certs' ? { status: 200, body: certs(shown) } : undefined),
    });
  const config =
    '\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio, namespace: istio-system }\ndata: { mesh: "trustDomain: cluster.local\\n" }\n---';

  it('is silent about a fresh certificate of the right account', async () => {
    expect(await faults({})).toEqual([]);
    expect(await faults({}, config)).toEqual([]);
  });

  it('finds one that is not renewed, of somebody else, or of another trust domain', async () => {
    expect(await faults({ from: '2025-12-31T12:30:00Z', to: '2026-01-01T12:30:00Z' })).toEqual([
      'cart-1: Its certificate expires on 2026-01-01, and has not been renewed.',
    ]);
    expect(await faults({ identity: 'spiffe://cluster.local/ns/shop/sa/web' })).toEqual([
      'cart-1: Its certificate is for "spiffe://cluster.local/ns/shop/sa/web", but the pod runs as service account "cart" of namespace "shop".',
    ]);
    expect(await faults({ identity: 'spiffe://other.org/ns/shop/sa/cart' }, config)).toEqual([
      'cart-1: Its certificate is of trust domain "other.org", which the mesh does not name.',
    ]);
  });

  it('finds one that trusts another root, unless something else issues certificates', async () => {
    const map = rootConfigMap('shop', root.certificatePem);
    expect(await faults({ serial: 'ab12' }, map)).toEqual(['cart-1: It trusts another root than the mesh publishes in its namespace.']);
    const serial = readCertificates(root.certificatePem)[0]?.serial ?? '';
    expect(await faults({ serial: `00${serial.toLowerCase()}` }, map)).toEqual([]);
    const spire = proxyPod('cart-1').replace('spec: {', 'spec: { volumes: [{ name: workload-socket, csi: { driver: csi.spiffe.io } }],');
    const asked: Partial<Facts> = { ask: async () => ({ status: 200, body: certs({ serial: 'ab12' }) }) };
    expect(await details('certificates-workloads-valid', plane() + spire + map, asked)).toEqual([]);
  });

  it('cannot judge proxies that do not tell', async () => {
    expect(await is('certificates-workloads-valid', plane() + proxyPod('a'))).toBe('skipped');
    expect(await is('certificates-workloads-valid', plane() + proxyPod('a'), { ask: async () => ({ status: 200, body: '<html>' }) })).toBe(
      'skipped',
    );
    expect(await is('certificates-workloads-valid', plane())).toBe('ok');
  });
});
