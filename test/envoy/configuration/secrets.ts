/** Secrets of every kind, with keys that are made for the test and thrown away. */
import { issueCertificate } from '../../../src/sandbox/pki/certificate.ts';
import type { Files } from '../envoy.ts';
import { any, extension } from './any.ts';

const HOUR_MS = 3_600_000;

export interface Keys {
  readonly authority: string;
  readonly chain: string;
  readonly key: string;
}

export function makeKeys(now: number): Keys {
  const times = { notBefore: now - HOUR_MS, notAfter: now + 24 * HOUR_MS };
  const authority = issueCertificate({ commonName: '', organization: 'td', uris: ['spiffe://td'], isCa: true, ...times });
  const uris = ['spiffe://td/ns/shop/sa/web'];
  const leaf = issueCertificate({ commonName: '', uris, dnsNames: ['web.shop.svc'], addresses: ['10.0.0.7'], issuer: authority, ...times });
  return { authority: authority.certificatePem, chain: leaf.certificatePem + authority.certificatePem, key: leaf.keyPem };
}

/** What the keys of a proxy hold that no answer may. */
export const keyLines = ({ key }: Keys): readonly string[] => key.split('\n').filter((line) => line !== '' && !line.startsWith('---'));

const SECRET = 'extensions.transport_sockets.tls.v3.Secret';

export const WORDS = ['a-generic-secret', 'a-ticket-key-of-a-session-padded-to-eighty-bytes-by-dots'.padEnd(80, '.')] as const;

/** Of SDS. */
export const dynamicSecrets = (keys: Keys): readonly object[] =>
  [
    { name: 'default', tls_certificate: { certificate_chain: { inline_string: keys.chain }, private_key: { inline_string: keys.key } } },
    { name: 'ROOTCA', validation_context: { trusted_ca: { inline_string: keys.authority } } },
    {
      name: 'SPIFFE',
      validation_context: {
        custom_validator_config: extension(
          'envoy.tls.cert_validator.spiffe',
          'extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig',
          { trust_domains: [{ name: 'td', trust_bundle: { inline_string: keys.authority } }] },
        ),
      },
    },
  ].map((each) => any(SECRET, each));

export const staticSecrets = (files: Files, keys: Keys): readonly object[] => [
  {
    name: 'from-files',
    tls_certificate: { certificate_chain: { filename: files.path('tls.crt') }, private_key: { filename: files.path('tls.key') } },
  },
  { name: 'authority-from-file', validation_context: { trusted_ca: { filename: files.path('ca.crt') } } },
  {
    name: 'in-bytes',
    tls_certificate: {
      certificate_chain: { inline_bytes: Buffer.from(keys.chain).toString('base64') },
      private_key: { inline_bytes: Buffer.from(keys.key).toString('base64') },
      password: { inline_string: WORDS[0] },
    },
  },
  { name: 'tickets', session_ticket_keys: { keys: [{ inline_string: WORDS[1] }] } },
  { name: 'generic', generic_secret: { secret: { inline_string: WORDS[0] } } },
];
