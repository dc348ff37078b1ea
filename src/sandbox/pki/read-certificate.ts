import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { oid, sequence, set, text } from './der.ts';

const SUBJECT_KEY_ID = oid('2.5.29.14');

/**
 * A certificate that somebody else made, to sign others with.
 * @returns undefined for what is no certificate with its key
 */
export function readCertificate(certificatePem: string, keyPem: string): Certificate | undefined {
  try {
    const certificate = new X509Certificate(certificatePem);
    const key = createPrivateKey(keyPem);
    if (!certificate.checkPrivateKey(key)) return undefined;
    const [, commonName = ''] = /^CN=(.*)$/m.exec(certificate.subject) ?? [];
    const subject = sequence(set(sequence(oid('2.5.4.3'), text(commonName))));
    return { certificatePem, keyPem, key, subject, keyId: keyIdOf(certificate.raw) };
  } catch {
    return undefined;
  }
}

/** The extension is an octet string in an octet string; both lengths take one byte. */
function keyIdOf(der: Buffer): Uint8Array {
  const at = der.indexOf(SUBJECT_KEY_ID) + SUBJECT_KEY_ID.length;
  const size = der[at + 3] ?? 0;
  return der.subarray(at + 4, at + 4 + size);
}
