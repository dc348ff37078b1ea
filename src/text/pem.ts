/** Certificates and private keys in PEM form. The only importer of node:crypto in this folder; nothing is read but the arguments. */
import { createPrivateKey, X509Certificate } from 'node:crypto';

export interface Certificate {
  /** Milliseconds since the epoch; the certificate is valid from `notBefore` up to and including `notAfter`. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Whether a private key in PEM form is the one of this certificate; undefined when the text is no readable key. */
  matchesKey(privateKey: string): boolean | undefined;
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

function toCertificate(block: string): Certificate | undefined {
  const certificate = attempt(() => new X509Certificate(block));
  return (
    certificate && {
      notBefore: Date.parse(certificate.validFrom),
      notAfter: Date.parse(certificate.validTo),
      matchesKey(privateKey) {
        const [key] = blocks(privateKey, /PRIVATE KEY$/);
        return key === undefined ? undefined : attempt(() => certificate.checkPrivateKey(createPrivateKey(key)));
      },
    }
  );
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
