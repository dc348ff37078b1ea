import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { install } from '../../../src/mesh/linkerd/install.ts';
import { stringAt } from '../../../src/model/body.ts';
import type { InstallRequest, MeshPlan, Values } from '../../../src/model/install.ts';
import { type CertificateRequest, issueCertificate } from '../../../src/sandbox/pki/certificate.ts';
import { readCertificates } from '../../../src/text/pem.ts';
import { ids, request, valuesOf } from '../install/request.ts';

const CONTROL_PLANE = 'linkerd-control-plane';
const NOW = Date.parse('2026-05-01T12:00:00Z');
const DAY_MS = 86_400_000;

function identityOf(plan: MeshPlan): { readonly anchors: string; readonly issuer: string; readonly key: string } {
  const values = valuesOf(plan, CONTROL_PLANE);
  const read = (...path: readonly string[]): string => stringAt(values, ...path) ?? '';
  return {
    anchors: read('identityTrustAnchorsPEM'),
    issuer: read('identity', 'issuer', 'tls', 'crtPEM'),
    key: read('identity', 'issuer', 'tls', 'keyPEM'),
  };
}

describe('profiles and components of Linkerd', () => {
  it.each([
    ['default', undefined],
    ['ha', ['values-ha.yaml']],
  ])('%s takes what the chart itself has for it', async (profile, valuesFiles) => {
    const plan = await install.plan(request({ profile, complete: false }));
    expect(ids(plan)).toEqual(['linkerd-crds', CONTROL_PLANE]);
    expect(plan.components[1]?.valuesFiles).toEqual(valuesFiles);
    expect(plan.components.map(({ values }) => values)).toEqual([{}, {}]);
  });

  it('have namespaces of their own, labelled as its CLI does', async () => {
    const { components } = await install.plan(
      request({ with: ['linkerd-viz', 'linkerd-multicluster', 'linkerd2-cni'], version: 'edge-25.10.7', complete: false }),
    );
    expect(components.map(({ id, chart, namespace, needs }) => [id, chart.version, namespace, needs])).toEqual([
      ['linkerd-crds', '2025.10.7', 'linkerd', []],
      ['linkerd2-cni', undefined, 'linkerd-cni', []],
      [CONTROL_PLANE, '2025.10.7', 'linkerd', ['linkerd-crds', 'linkerd2-cni']],
      ['linkerd-viz', '2025.10.7', 'linkerd-viz', [CONTROL_PLANE]],
      ['linkerd-multicluster', '2025.10.7', 'linkerd-multicluster', [CONTROL_PLANE]],
    ]);
    const labels = Object.fromEntries(components.map(({ id, namespaceLabels }) => [id, namespaceLabels]));
    expect(labels[CONTROL_PLANE]).toEqual({
      'linkerd.io/is-control-plane': 'true',
      'config.linkerd.io/admission-webhooks': 'disabled',
      'linkerd.io/control-plane-ns': 'linkerd',
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
    expect(labels['linkerd-viz']).toEqual({ 'linkerd.io/extension': 'viz', 'pod-security.kubernetes.io/enforce': 'restricted' });
  });

  it('use the CNI plugin where it is installed', async () => {
    expect(valuesOf(await install.plan(request({ with: ['linkerd2-cni'], complete: false })), CONTROL_PLANE)).toEqual({ cniEnabled: true });
  });

  it('tell extensions of another namespace of the control plane', async () => {
    const plan = await install.plan(request({ with: ['linkerd-viz'], namespace: 'mesh', complete: false }));
    expect(valuesOf(plan, 'linkerd-viz')).toEqual({ linkerdNamespace: 'mesh' });
  });

  it.each(['25.10.7', '2025.10.7', 'edge-25.10.7'])('of the version %s come from the chart of that edge release', async (version) => {
    const { components } = await install.plan(request({ version, complete: false }));
    expect(components.map(({ chart }) => chart.version)).toEqual(['2025.10.7', '2025.10.7']);
  });

  it.each(['stable-2.14.10', '2.18.0'])('are not there for the version %s', async (version) => {
    await expect(install.plan(request({ version }))).rejects.toMatchObject({ code: 'E_INSTALL', hint: expect.stringContaining('edge') });
  });

  it('have no revisions', async () => {
    await expect(install.plan(request({ revision: 'next' }))).rejects.toThrow('Linkerd has no revisions');
  });

  it('come with a word about the Gateway API, unless it was decided', async () => {
    expect((await install.plan(request({ complete: false }))).notices.join()).toContain('installGatewayAPI=true');
    const decided = await install.plan(request({ complete: false, of: { 'linkerd-crds': { installGatewayAPI: false } } }));
    expect(decided.notices).toEqual([]);
  });
});

describe('certificates that are made', () => {
  let plan: MeshPlan;
  beforeAll(async () => {
    plan = await install.plan(request());
  });

  it('are an anchor and an issuer that it signed, both ECDSA on P-256 and valid for a year', () => {
    const { anchors, issuer, key } = identityOf(plan);
    const [anchor, ...more] = readCertificates(anchors);
    const [certificate] = readCertificates(issuer);
    expect(more).toEqual([]);
    if (!anchor || !certificate) throw new TypeError('No certificates were made.');
    expect(anchor.isIssuedBy(anchor)).toBe(true);
    expect(certificate.isIssuedBy(anchor)).toBe(true);
    expect(certificate.matchesKey(key)).toBe(true);
    expect(anchor.matchesKey(key)).toBe(false);
    expect([anchor.subject, certificate.subject]).toEqual(['CN=root.linkerd.cluster.local', 'CN=identity.linkerd.cluster.local']);
    for (const each of [anchor, certificate]) {
      expect(each).toMatchObject({ isCa: true, key: { type: 'ec', curve: 'prime256v1' } });
      expect(each.notBefore).toBeLessThan(NOW);
      expect(each.notAfter).toBe(NOW + 365 * DAY_MS);
    }
    expect(certificate.serial).not.toBe(anchor.serial);
  });

  it('may sign certificates and revocations, the issuer those of workloads only', () => {
    const { anchors, issuer } = identityOf(plan);
    const der = (pem: string): Buffer => new X509Certificate(pem).raw;
    // keyUsage, critical: keyCertSign and cRLSign.
    const usage = Buffer.from('0603551d0f0101ff040403020106', 'hex');
    // basicConstraints, critical: an authority; of the issuer, with no authority below.
    const anyAuthority = Buffer.from('0603551d130101ff040530030101ff', 'hex');
    const lastAuthority = Buffer.from('0603551d130101ff040830060101ff020100', 'hex');
    expect([der(anchors).includes(usage), der(issuer).includes(usage)]).toEqual([true, true]);
    expect([der(anchors).includes(anyAuthority), der(issuer).includes(lastAuthority)]).toEqual([true, true]);
  });

  it('are announced with their end, and without a key', () => {
    const notices = plan.notices.join('\n');
    expect(notices).toContain('valid until 2027-05-01');
    const { key } = identityOf(plan);
    expect(notices).not.toContain('PRIVATE KEY');
    for (const line of key.split('\n').filter((text) => text.length > 20)) expect(notices).not.toContain(line);
  });

  it('go to the control plane only', async () => {
    const { components } = await install.plan(
      request({ with: ['linkerd-viz'], all: { identity: { issuer: { clockSkewAllowance: '10s' } } } }),
    );
    const elsewhere = components.filter(({ id }) => id !== CONTROL_PLANE);
    expect(JSON.stringify(elsewhere)).not.toMatch(/PRIVATE KEY|identity/);
    expect(valuesOf({ components, notices: [] }, CONTROL_PLANE)).toMatchObject({ identity: { issuer: { clockSkewAllowance: '10s' } } });
  });

  it('are not made for a plan that is only looked at, nor is what is given judged', async () => {
    const looked = await install.plan(request({ complete: false, all: { identityTrustAnchorsPEM: 'text' } }));
    expect(valuesOf(looked, CONTROL_PLANE)).toEqual({ identityTrustAnchorsPEM: 'text' });
  });

  it('are named by the namespace and the trust domain', async () => {
    const named = await install.plan(request({ namespace: 'mesh', all: { identityTrustDomain: 'example.com' } }));
    expect(readCertificates(identityOf(named).issuer)[0]?.subject).toBe('CN=identity.mesh.example.com');
  });

  it('stay on an upgrade', async () => {
    const upgraded = await install.plan(request({ before: { [CONTROL_PLANE]: valuesOf(plan, CONTROL_PLANE) } }));
    expect(identityOf(upgraded)).toEqual(identityOf(plan));
    expect(upgraded.notices[0]).toMatch(/valid until 2027-05-01\.$/);
  });

  it('are offered anew near their end', async () => {
    const late = new Date(NOW + 320 * DAY_MS);
    const upgraded = await install.plan(request({ before: { [CONTROL_PLANE]: valuesOf(plan, CONTROL_PLANE) }, now: late }));
    expect(upgraded.notices[0]).toContain('valid until 2027-05-01 only. "meshctl upgrade linkerd --renew"');
  });

  it('are refused after their end', async () => {
    const wish = request({ before: { [CONTROL_PLANE]: valuesOf(plan, CONTROL_PLANE) }, now: new Date(NOW + 366 * DAY_MS) });
    await expect(install.plan(wish)).rejects.toMatchObject({
      code: 'E_INSTALL',
      message: expect.stringContaining('invalid since 2027-05-01'),
      hint: expect.stringContaining('--renew'),
    });
  });

  it('are renewed beside the anchor so far, which workloads still need', async () => {
    const renewed = await install.plan(request({ before: { [CONTROL_PLANE]: valuesOf(plan, CONTROL_PLANE) }, renew: true }));
    const { anchors, issuer } = identityOf(renewed);
    const [old, fresh, ...more] = readCertificates(anchors);
    const [certificate] = readCertificates(issuer);
    expect(more).toEqual([]);
    expect(old?.fingerprint).toBe(readCertificates(identityOf(plan).anchors)[0]?.fingerprint);
    expect(fresh && certificate?.isIssuedBy(fresh)).toBe(true);
    expect(identityOf(renewed).key).not.toBe(identityOf(plan).key);
    expect(renewed.notices.join('\n')).toContain('Restart every meshed workload');
  });
});

describe('certificates that are given', () => {
  const make = (said: Partial<CertificateRequest>) =>
    issueCertificate({ commonName: 'test', notBefore: NOW - DAY_MS, notAfter: NOW + 90 * DAY_MS, isCa: true, ...said });
  const anchor = make({ commonName: 'anchor' });
  const issuer = make({ commonName: 'issuer', issuer: anchor });

  const given = (anchors: string, crtPEM?: string, keyPEM?: string): Values => ({
    identityTrustAnchorsPEM: anchors,
    identity: { issuer: { tls: { ...(crtPEM && { crtPEM }), ...(keyPEM && { keyPEM }) } } },
  });
  const wish = (values: Values, more: Partial<InstallRequest> = {}): InstallRequest => ({
    ...request({ of: { [CONTROL_PLANE]: values } }),
    ...more,
  });

  it('are taken, and announced with their end', async () => {
    const plan = await install.plan(wish(given(anchor.certificatePem, issuer.certificatePem, issuer.keyPem)));
    expect(identityOf(plan)).toEqual({ anchors: anchor.certificatePem, issuer: issuer.certificatePem, key: issuer.keyPem });
    expect(plan.notices[0]).toBe('The issuer certificate of Linkerd is valid until 2026-07-30.');
  });

  it('may be one certificate for both, and may have others between them', async () => {
    await expect(install.plan(wish(given(anchor.certificatePem, anchor.certificatePem, anchor.keyPem)))).resolves.toBeDefined();
    const below = make({ commonName: 'below', issuer });
    const chain = below.certificatePem + issuer.certificatePem;
    await expect(install.plan(wish(given(anchor.certificatePem, chain, below.keyPem)))).resolves.toBeDefined();
  });

  it('replace those made before', async () => {
    const before = { [CONTROL_PLANE]: valuesOf(await install.plan(request()), CONTROL_PLANE) };
    const plan = await install.plan(wish(given(anchor.certificatePem, issuer.certificatePem, issuer.keyPem), { before }));
    expect(identityOf(plan).issuer).toBe(issuer.certificatePem);
    const mixed = wish(given('', issuer.certificatePem, issuer.keyPem), { before });
    await expect(install.plan(mixed)).rejects.toThrow('The issuer certificate is not signed by any of the trust anchors.');
  });

  it('warn when the trust anchor ends first', async () => {
    const short = make({ commonName: 'short', notAfter: NOW + 30 * DAY_MS });
    const below = make({ commonName: 'below', issuer: short });
    const plan = await install.plan(wish(given(short.certificatePem, below.certificatePem, below.keyPem)));
    expect(plan.notices[0]).toMatch(/^The trust anchor of Linkerd is valid until 2026-05-31 only\. Give new ones/);
  });

  it('are not asked for where another authority makes them', async () => {
    for (const values of [{ identity: { externalCA: true } }, { identity: { issuer: { scheme: 'kubernetes.io/tls' } } }]) {
      const plan = await install.plan(wish(values));
      expect(valuesOf(plan, CONTROL_PLANE)).toEqual(values);
    }
  });

  const leaf = make({ isCa: false, issuer: anchor });
  const stranger = make({ commonName: 'stranger' });
  const future = make({ issuer: anchor, notBefore: NOW + DAY_MS });
  const expired = make({ issuer: anchor, notAfter: NOW - 1000 });
  it.each([
    ['the issuer is missing', given(anchor.certificatePem), '"identity.issuer.tls.crtPEM" and "identity.issuer.tls.keyPEM" are missing.'],
    ['the anchor is missing', given('', issuer.certificatePem, issuer.keyPem), '"identityTrustAnchorsPEM" is missing.'],
    ['the anchor is no certificate', given('text', issuer.certificatePem, issuer.keyPem), '"identityTrustAnchorsPEM" holds no certificate'],
    [
      'the issuer is no certificate',
      given(anchor.certificatePem, 'text', issuer.keyPem),
      '"identity.issuer.tls.crtPEM" holds no certificate',
    ],
    [
      'the key is of another',
      given(anchor.certificatePem, issuer.certificatePem, anchor.keyPem),
      'is not the key of the issuer certificate',
    ],
    ['the key is no key', given(anchor.certificatePem, issuer.certificatePem, 'text'), 'is not the key of the issuer certificate'],
    ['the issuer is no authority', given(anchor.certificatePem, leaf.certificatePem, leaf.keyPem), 'not that of an authority'],
    [
      'the issuer is a stranger',
      given(anchor.certificatePem, stranger.certificatePem, stranger.keyPem),
      'not signed by any of the trust anchors',
    ],
    ['the issuer is not valid yet', given(anchor.certificatePem, future.certificatePem, future.keyPem), 'not valid before 2026-05-02'],
    ['the issuer has ended', given(anchor.certificatePem, expired.certificatePem, expired.keyPem), 'invalid since 2026-05-01'],
  ])('are refused when %s', async (_, values, message) => {
    const refused = await install.plan(wish(values)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'E_INSTALL', message: expect.stringContaining(message) });
    expect(JSON.stringify(refused, Object.getOwnPropertyNames(refused))).not.toContain('PRIVATE KEY');
  });
});
