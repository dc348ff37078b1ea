import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readProtobuf } from '../../src/sandbox/api/protobuf.ts';
import { issueCertificate } from '../../src/sandbox/pki/certificate.ts';

const DAY = 86_400_000;

describe('certificates', () => {
  it('are what was asked for, and verify by their issuer', () => {
    const notBefore = Date.UTC(2024, 0, 1);
    const issuer = issueCertificate({ commonName: 'root', organization: 'mesh', isCa: true, notBefore, notAfter: Date.UTC(2060, 0, 1) });
    const leaf = issueCertificate({
      commonName: 'web',
      dnsNames: ['web.shop.svc'],
      addresses: ['127.0.0.1'],
      uris: ['spiffe://cluster.local/ns/shop/sa/web'],
      notBefore,
      notAfter: notBefore + DAY,
      issuer,
    });
    const [root, own] = [new X509Certificate(issuer.certificatePem), new X509Certificate(leaf.certificatePem)];
    expect([root.ca, own.ca, own.checkIssued(root), own.verify(root.publicKey), root.verify(root.publicKey)]).toEqual([
      true,
      false,
      true,
      true,
      true,
    ]);
    expect(own.subjectAltName).toBe('DNS:web.shop.svc, URI:spiffe://cluster.local/ns/shop/sa/web, IP Address:127.0.0.1');
    expect([own.subject, root.subject, own.validTo, root.validTo]).toEqual([
      'CN=web',
      'O=mesh\nCN=root',
      'Jan  2 00:00:00 2024 GMT',
      'Jan  1 00:00:00 2060 GMT',
    ]);
  });
});

describe('protobuf bodies', () => {
  const field = (number: number, content: Uint8Array | string): Buffer => {
    const bytes = Buffer.from(content as string);
    return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
  };
  const body = (kind: string, raw: Uint8Array): Buffer =>
    Buffer.concat([Buffer.from('k8s\0'), field(1, Buffer.concat([field(1, 'v1'), field(2, kind)])), field(2, raw)]);
  const configMap = Buffer.concat([
    field(1, Buffer.concat([field(1, 'a'), field(3, '')])),
    field(2, Buffer.concat([field(1, 'x'), field(2, '1')])),
    field(9, 'unknown'),
  ]);

  it('are read by the tables', () => {
    expect(readProtobuf(body('ConfigMap', configMap))).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: { x: '1' },
    });
    expect(readProtobuf(body('Widget', configMap))).toBeUndefined();
    expect(readProtobuf(Buffer.from('{}'))).toBeUndefined();
  });

  it('that are cut off are refused, or read as far as they are whole', () => {
    const whole = body('ConfigMap', configMap);
    const outcomes = Array.from(whole, (_byte, length) => {
      try {
        readProtobuf(whole.subarray(0, length));
        return 'read';
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(new Set(outcomes)).toEqual(new Set(['read', 'RangeError']));
  });
});
