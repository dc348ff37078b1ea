/** X.509 by @peculiar/x509, on the keys of the Web Crypto API. It is loaded when certificates are made, which few commands do. */
// The library reads its own decorators through this extension of Reflect.
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** All in PEM form. */
export interface Identity {
  readonly anchor: string;
  readonly issuer: string;
  readonly issuerKey: string;
}

export interface IdentityRequest {
  /** Common names. */
  readonly anchorName: string;
  readonly issuerName: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const ECDSA_P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A trust anchor, whose key nobody keeps, and an issuer signed by it, both ECDSA on P-256 as Linkerd wants them. */
export async function makeIdentity({ anchorName, issuerName, ...validity }: IdentityRequest): Promise<Identity> {
  const [anchorKeys, issuerKeys] = await Promise.all([generateKeys(), generateKeys()]);
  const anchor = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [anchorName] }],
    keys: anchorKeys,
    ...validity,
    signingAlgorithm: ECDSA_P256,
    extensions: [...AUTHORITY, await SubjectKeyIdentifierExtension.create(anchorKeys.publicKey)],
  });
  const issuer = await X509CertificateGenerator.create({
    subject: [{ CN: [issuerName] }],
    issuer: anchor.subjectName,
    publicKey: issuerKeys.publicKey,
    signingKey: anchorKeys.privateKey,
    ...validity,
    signingAlgorithm: ECDSA_P256,
    extensions: [
      ...AUTHORITY_FOR_WORKLOADS,
      await SubjectKeyIdentifierExtension.create(issuerKeys.publicKey),
      await AuthorityKeyIdentifierExtension.create(anchor.publicKey),
    ],
  });
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', issuerKeys.privateKey));
  return { anchor: pemOf(anchor), issuer: pemOf(issuer), issuerKey: pem('PRIVATE KEY', key) };
}

const USAGE = new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true);
const AUTHORITY = [new BasicConstraintsExtension(true, undefined, true), USAGE];
/** The issuer signs certificates of workloads, and none of other authorities. */
const AUTHORITY_FOR_WORKLOADS = [new BasicConstraintsExtension(true, 0, true), USAGE];

const generateKeys = () => crypto.subtle.generateKey(ECDSA_P256, true, ['sign', 'verify']);

const pemOf = (certificate: X509Certificate): string => pem('CERTIFICATE', Buffer.from(certificate.rawData));

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
