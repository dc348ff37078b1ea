import { describe, expect, it } from 'vitest';
import { NOW } from '../facts.ts';
import {
  authority,
  DAY,
  issuer,
  issuerSecret,
  linkerdConfig,
  pod,
  problems,
  resultOf,
  root,
  servingCertificate,
  servingSecret,
  trustRoots,
  webhook,
} from './mesh.ts';

const other = authority('root.linkerd.cluster.local');
const expired = authority('old root', { notBefore: NOW - 400 * DAY, notAfter: NOW - 10 * DAY });

describe('trust anchors', () => {
  it('may hold an old one that has ended, as after a rotation', async () => {
    const bundle = trustRoots(expired.certificatePem, root.certificatePem);
    expect(await problems({ with: bundle, mode: 'running' })).toEqual({});
    expect((await resultOf('trust-anchors-valid', { with: bundle })).reason).toContain('1 anchor of 2 can be removed');
  });

  it('fail when all have ended, and warn when the last one ends soon by its own lifetime', async () => {
    expect(await resultOf('trust-anchors-valid', { with: trustRoots(expired.certificatePem) })).toMatchObject({
      is: 'failed',
      affected: [{ resource: { name: 'linkerd-identity-trust-roots' }, detail: expect.stringContaining('expired on 2025-12-22.') }],
    });
    const ending = authority('root', { notBefore: NOW - 950 * DAY, notAfter: NOW + 50 * DAY });
    expect((await resultOf('trust-anchors-valid', { with: trustRoots(ending.certificatePem) })).is).toBe('warning');
    const short = authority('root', { notBefore: NOW - 10 * DAY, notAfter: NOW + 20 * DAY });
    expect((await resultOf('trust-anchors-valid', { with: trustRoots(short.certificatePem) })).is).toBe('ok');
  });

  it('must be there and be readable', async () => {
    expect((await resultOf('trust-anchors-readable', { without: ['ConfigMap linkerd-identity-trust-roots'] })).reason).toContain(
      'does not exist',
    );
    const found = await problems({ with: trustRoots('nonsense'), mode: 'running' });
    expect(found['trust-anchors-readable']?.is).toBe('failed');
    expect(found['issuer-trusted']?.is).toBe('skipped');
  });
});

describe('the issuer', () => {
  it('is trusted below an anchor, through an intermediate, or as its own anchor', async () => {
    const middle = authority('middle', { issuer: root });
    const deep = authority('identity.linkerd.cluster.local', { issuer: middle });
    const chain = issuerSecret({ certificatePem: deep.certificatePem + middle.certificatePem, keyPem: deep.keyPem });
    expect((await resultOf('issuer-trusted', { with: chain })).is).toBe('ok');
    const self = `${issuerSecret(root)}---${trustRoots(root.certificatePem)}`;
    expect((await resultOf('issuer-trusted', { with: self })).is).toBe('ok');
  });

  it('is not trusted below an anchor that only has the same name', async () => {
    expect(await resultOf('issuer-trusted', { with: trustRoots(other.certificatePem) })).toMatchObject({
      is: 'failed',
      affected: [{ resource: { name: 'linkerd-identity-issuer' }, detail: expect.stringContaining('has signed it.') }],
      hint: expect.stringContaining('linkerd/linkerd-identity-trust-roots'),
    });
  });

  it('must be in date, and is judged by its own lifetime', async () => {
    const until = (days: number, from = 30): string =>
      issuerSecret(authority('identity', { issuer: root, notBefore: NOW - from * DAY, notAfter: NOW + days * DAY }));
    expect(await resultOf('issuer-valid', { with: until(-1) })).toMatchObject({
      is: 'failed',
      affected: [{ detail: expect.stringContaining('expired') }],
    });
    expect((await resultOf('issuer-valid', { with: until(5, 300) })).is).toBe('warning');
    // Tools begin to renew when a third is left.
    expect([
      (await resultOf('issuer-valid', { with: until(10, 30) })).is,
      (await resultOf('issuer-valid', { with: until(30, 60) })).is,
    ]).toEqual(['warning', 'ok']);
    // What cert-manager keeps for two days is no trouble with one of them left.
    expect((await resultOf('issuer-valid', { with: until(1, 1) })).is).toBe('ok');
  });

  it('needs its own key, a certificate of an authority, and the scheme of the installation', async () => {
    const reason = async (secret: string, config = ''): Promise<string | undefined> =>
      (await resultOf('issuer-readable', { with: `${secret}---${linkerdConfig(config)}` })).reason;
    expect(await reason(issuerSecret({ certificatePem: issuer.certificatePem, keyPem: other.keyPem }))).toContain('does not belong');
    expect(await reason(issuerSecret({ certificatePem: issuer.certificatePem, keyPem: 'none' }))).toContain('holds no key');
    const leaf = authority('leaf', { issuer: root, isCa: false });
    expect(await reason(issuerSecret(leaf))).toContain('not that of an authority');
    const external = 'identity: { issuer: { scheme: kubernetes.io/tls } }';
    expect(await reason(issuerSecret(issuer), external)).toContain('looks for other fields');
    const managed = issuerSecret(issuer).replace('crt.pem', 'tls.crt').replace('key.pem', 'tls.key');
    expect(await reason(managed, external)).toBeUndefined();
    expect((await resultOf('issuer-readable', { without: ['Secret linkerd-identity-issuer'] })).reason).toContain('does not exist');
  });

  it('never shows its key', async () => {
    const found = await problems({ with: issuerSecret({ certificatePem: issuer.certificatePem, keyPem: other.keyPem }) });
    const text = JSON.stringify(
      Object.values(found).map(({ reason, hint, affected }) => [reason, hint, affected?.map(({ detail }) => detail)]),
    );
    expect(text).not.toContain(other.keyPem.split('\n')[1]);
    expect(text).not.toContain('PRIVATE');
  });
});

describe('certificates of webhooks', () => {
  const injector = (certificate: ReturnType<typeof servingCertificate>, bundle = certificate.certificatePem): string =>
    `${webhook('proxy-injector', bundle)}---${servingSecret('linkerd-proxy-injector-k8s-tls', certificate)}`;
  const detail = async (objects: string): Promise<unknown> =>
    (await resultOf('proxy-injector-certificate-valid', { with: objects })).affected?.[0]?.detail;

  it('may be signed by an authority in the bundle', async () => {
    const ca = authority('webhooks');
    const signed = servingCertificate('linkerd-proxy-injector.linkerd', { issuer: ca, isCa: false });
    expect((await resultOf('proxy-injector-certificate-valid', { with: injector(signed, ca.certificatePem) })).is).toBe('ok');
  });

  it('must be for the service, in date, and signed by the bundle', async () => {
    expect(await detail(injector(servingCertificate('linkerd-proxy-injector.mesh')))).toBe(
      'Its certificate is not for "linkerd-proxy-injector.linkerd.svc".',
    );
    const ended = servingCertificate('linkerd-proxy-injector.linkerd', { notAfter: NOW - DAY });
    expect(await detail(injector(ended))).toBe('Its certificate expired on 2025-12-31.');
    expect(await detail(injector(servingCertificate('linkerd-proxy-injector.linkerd'), other.certificatePem))).toBe(
      'Its caBundle has not signed the certificate in Secret "linkerd-proxy-injector-k8s-tls".',
    );
    expect(await detail(webhook('proxy-injector', ''))).toBe('It has no caBundle.');
  });

  it('are judged by the bundle alone where no Secret is known', async () => {
    const without = ['Secret linkerd-policy-validator-k8s-tls'];
    expect((await resultOf('policy-validator-certificate-valid', { without })).is).toBe('ok');
    const ended = webhook('policy-validator', expired.certificatePem);
    expect((await resultOf('policy-validator-certificate-valid', { without, with: ended })).is).toBe('failed');
  });
});

describe('linkerd/data-plane-trust-current', () => {
  const bundle = (...anchors: readonly string[]): string => pod('emojivoto', 'web-1', { anchors: anchors.join('\n# a comment\n\n') });

  it('minds neither order nor comments nor further anchors', async () => {
    const both = `${trustRoots(other.certificatePem, root.certificatePem)}---${bundle(root.certificatePem, other.certificatePem)}`;
    const found = await resultOf('data-plane-trust-current', { with: both });
    expect(found).toEqual({ is: 'ok', reason: '2 pods. 1 pod lacks an anchor of the bundle: restart before the issuer is replaced.' });
  });

  it('warns of a proxy that still trusts an anchor that was taken away', async () => {
    const { is, affected } = await resultOf('data-plane-trust-current', { with: bundle(expired.certificatePem, root.certificatePem) });
    expect([is, affected?.[0]?.detail]).toEqual(['warning', 'It still trusts "CN=old root", which the trust anchors no longer hold.']);
  });

  it('fails for a proxy that does not trust the anchor of the issuer', async () => {
    expect(await resultOf('data-plane-trust-current', { with: bundle(other.certificatePem) })).toMatchObject({
      is: 'failed',
      affected: [{ resource: { name: 'web-1' }, detail: 'None of its trust anchors is the one of the issuer.' }],
      hint: expect.stringContaining('emojivoto/web-1'),
    });
  });
});
