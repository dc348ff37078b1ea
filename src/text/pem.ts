/** Certificates and private keys in PEM form. The only importer of node:crypto in this folder; nothing is read but the arguments. */
import { createPrivateKey, X509Certificate } from 'node:crypto';

export interface Certificate {
  /** Milliseconds since the epoch; the certificate is valid from `notBefore` up to and including `notAfter`. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** `CN=root.linkerd.cluster.local`, as much of the subject as there is, joined by commas. */
  readonly subject: string;
  /** Upper-case hexadecimal digits. */
  readonly serial: string;
  /** SHA-256 of the certificate, lower-case hexadecimal digits. */
  readonly fingerprint: string;
  readonly isCa: boolean;
  /** Subject alternative names with their kind: `DNS:web.shop.svc`, `URI:spiffe://cluster.local/ns/shop/sa/web`. */
  readonly names: readonly string[];
  readonly key: PublicKey;
  /** True when the other one's key signed it, and its subject is the issuer named. */
  isIssuedBy(other: Certificate): boolean;
  /** True when a server may show it for that DNS name. */
  isFor(name: string): boolean;
  /** Whether a private key in PEM form is the one of this certificate; undefined when the text is no readable key. */
  matchesKey(privateKey: string): boolean | undefined;
}

interface PublicKey {
  /** `rsa`, `ec`, `ed25519`, … */
  readonly type: string;
  /** Of RSA keys. */
  readonly bits?: number | undefined;
  /** Of elliptic curves: `prime256v1` is P-256. */
  readonly curve?: string | undefined;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g;

function blocks(text: string, label: RegExp): readonly string[] {
  return [...text.matchAll(BLOCK)].flatMap(([block, name]) => (label.test(name ?? '') ? [block] : []));
}

/** The value that a function from node:crypto makes; undefined when it throws, as it does for anything it cannot read. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Certificates that this module read, with what node:crypto made of them. */
const READ = new WeakMap<Certificate, X509Certificate>();

function toCertificate(block: string): Certificate | undefined {
  const read = attempt(() => new X509Certificate(block));
  const publicKey = read && attempt(() => read.publicKey);
  if (!read || !publicKey) return undefined;
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  const certificate: Certificate = {
    notBefore: Date.parse(read.validFrom),
    notAfter: Date.parse(read.validTo),
    // Certificates of workloads have no subject, and Node then none to tell, whatever its types say.
    subject: ((read.subject as string | undefined) ?? '').split('\n').join(','),
    serial: read.serialNumber,
    fingerprint: read.fingerprint256.replaceAll(':', '').toLowerCase(),
    isCa: read.ca,
    names: read.subjectAltName?.split(', ') ?? [],
    key: { type: publicKey.asymmetricKeyType ?? 'unknown', bits: modulusLength, curve: namedCurve },
    isIssuedBy: (other) => {
      const issuer = READ.get(other);
      return issuer !== undefined && read.checkIssued(issuer) && attempt(() => read.verify(issuer.publicKey)) === true;
    },
    isFor: (name) => read.checkHost(name) !== undefined,
    matchesKey(privateKey) {
      const [key] = blocks(privateKey, /PRIVATE KEY$/);
      return key === undefined ? undefined : attempt(() => read.checkPrivateKey(createPrivateKey(key)));
    },
  };
  READ.set(certificate, read);
  return certificate;
}

/**
 * The certificates of a PEM text in order, the server's own first by convention. Blocks of other
 * kinds, such as a key in the same text, are passed over.
 * @returns empty when the text holds no certificate, or one that cannot be decoded
 */
export function readCertificates(text: string): readonly Certificate[] {
  const read = blocks(text, /CERTIFICATE$/).map(toCertificate);
  return read.every((certificate) => certificate !== undefined) ? read : [];
}
