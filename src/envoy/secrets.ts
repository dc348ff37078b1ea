/** Certificates that a proxy holds. Keys are not in a dump, and would not be read. */
import type { SecretRow } from '../model/proxy-config.ts';
import { readCertificates } from '../text/pem.ts';
import type { Entry } from './config-dump.ts';
import { body, items, text } from './fields.ts';

/** One row for a chain, about the proxy's own certificate; one for every authority that is trusted. */
export function secretRows({ resource, state, updatedAt }: Entry): readonly SecretRow[] {
  const name = text(resource, 'name') ?? '';
  const common = { name, state, updatedAt };
  const chain = body(resource, 'tls_certificate', 'certificate_chain');
  if (chain) {
    const [leaf = { subjectAltNames: [] }, ...above] = certificatesIn(chain);
    return [{ ...common, type: 'certificate', ...leaf, file: text(chain, 'filename'), ...(above.length > 0 ? { chain: above } : {}) }];
  }
  const context = body(resource, 'validation_context');
  if (!context) return [{ ...common, type: 'other', subjectAltNames: [] }];
  const bundles = items(context, 'custom_validator_config', 'typed_config', 'trust_domains').flatMap((domain) =>
    certificatesIn(body(domain, 'trust_bundle')).map((each) => ({ ...each, trustDomain: text(domain, 'name') ?? each.trustDomain })),
  );
  const authorities = bundles.length > 0 ? bundles : certificatesIn(body(context, 'trusted_ca'));
  if (authorities.length === 0)
    return [{ ...common, type: 'authority', subjectAltNames: [], file: text(context, 'trusted_ca', 'filename') }];
  return authorities.map((each) => ({ ...common, type: 'authority', ...each }));
}

type Read = Pick<SecretRow, 'serial' | 'notBefore' | 'notAfter' | 'subjectAltNames' | 'trustDomain'>;

function certificatesIn(source: unknown): readonly Read[] {
  const bytes = text(source, 'inline_bytes');
  const pem = bytes === undefined ? (text(source, 'inline_string') ?? '') : decoded(bytes);
  return readCertificates(pem).map(({ serial, notBefore, notAfter, names }) => {
    const subjectAltNames = names.map((each) => each.replace(/^(?:URI|DNS|IP Address):/, ''));
    const spiffe = subjectAltNames.find((each) => each.startsWith('spiffe://'));
    return { serial: serial.toLowerCase(), notBefore, notAfter, subjectAltNames, trustDomain: spiffe?.split('/')[2] };
  });
}

const decoded = (base64: string): string => {
  try {
    return atob(base64);
  } catch {
    return '';
  }
};
