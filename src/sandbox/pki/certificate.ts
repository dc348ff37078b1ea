/** X.509 certificates without openssl: for the sandbox's own server, and for the meshes that scenarios pretend. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bits, boolean, integer, octets, oid, sequence, set, tagged, text, time } from './der.ts';

export interface CertificateRequest {
  readonly commonName: string;
  readonly organization?: string;
  readonly dnsNames?: readonly string[];
  /** IPv4. */
  readonly addresses?: readonly string[];
  readonly uris?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isCa?: boolean;
  /** Self-signed when absent. */
  readonly issuer?: Certificate;
}

export interface Certificate {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly subject: Uint8Array;
  readonly key: KeyObject;
  readonly keyId: Uint8Array;
}

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

const name = ({ commonName, organization }: CertificateRequest): Buffer =>
  sequence(
    ...(organization === undefined ? [] : [set(sequence(oid('2.5.4.10'), text(organization)))]),
    ...(commonName === '' ? [] : [set(sequence(oid('2.5.4.3'), text(commonName)))]),
  );

const extension = (id: string, critical: boolean, value: Uint8Array): Buffer =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));

function extensions(request: CertificateRequest, keyId: Uint8Array, issuerKeyId: Uint8Array): Buffer {
  const isCa = request.isCa === true;
  const names = [
    ...(request.dnsNames ?? []).map((each) => tagged(0x82, Buffer.from(each))),
    ...(request.uris ?? []).map((each) => tagged(0x86, Buffer.from(each))),
    ...(request.addresses ?? []).map((each) => tagged(0x87, Buffer.from(each.split('.').map(Number)))),
  ];
  // keyCertSign and cRLSign for an authority, digitalSignature and keyEncipherment for the others.
  const usage = isCa ? bits(Buffer.from([0x06]), 1) : bits(Buffer.from([0xa0]), 5);
  return tagged(
    0xa3,
    sequence(
      extension('2.5.29.15', true, usage),
      ...(isCa ? [] : [extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2')))]),
      extension('2.5.29.19', true, isCa ? sequence(boolean(true)) : sequence()),
      extension('2.5.29.14', false, octets(keyId)),
      extension('2.5.29.35', false, sequence(tagged(0x80, issuerKeyId))),
      ...(names.length > 0 ? [extension('2.5.29.17', false, sequence(...names))] : []),
    ),
  );
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** A new key on P-256 and a certificate for it. */
export function issueCertificate(request: CertificateRequest): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const keyId = createHash('sha1').update(spki).digest();
  const subject = name(request);
  const signed = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    request.issuer?.subject ?? subject,
    sequence(time(request.notBefore), time(request.notAfter)),
    subject,
    spki,
    extensions(request, keyId, request.issuer?.keyId ?? keyId),
  );
  const signature = sign('sha256', signed, request.issuer?.key ?? privateKey);
  return {
    certificatePem: pem('CERTIFICATE', sequence(signed, ECDSA_WITH_SHA256, bits(signature))),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    subject,
    key: privateKey,
    keyId,
  };
}
