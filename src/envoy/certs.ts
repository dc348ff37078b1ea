/** What `/certs` of an Envoy tells: the certificates that it shows others, and whom it trusts. */
import { itemsAt, stringAt } from '../model/body.ts';

export interface ServedCertificate {
  /** Milliseconds since the epoch; NaN where Envoy does not tell. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** `spiffe://cluster.local/ns/shop/sa/cart`; undefined for a certificate that is no identity. */
  readonly identity: string | undefined;
  /** Hosts that it is for. */
  readonly hosts: readonly string[];
  /** Serial number of the authority that is trusted beside it. */
  readonly root: string | undefined;
}

/** One of each; Envoy repeats what several listeners use. */
export function servedCertificates(certs: unknown): readonly ServedCertificate[] {
  const found = new Map<string, ServedCertificate>();
  for (const { item } of itemsAt(certs, 'certificates')) {
    const [own] = itemsAt(item, 'cert_chain');
    if (!own) continue;
    const names = itemsAt(own.item, 'subject_alt_names').map(({ item: name }) => name);
    const [authority] = itemsAt(item, 'ca_cert');
    found.set(`${stringAt(own.item, 'serial_number')} ${stringAt(authority?.item, 'serial_number')}`, {
      notBefore: Date.parse(stringAt(own.item, 'valid_from') ?? ''),
      notAfter: Date.parse(stringAt(own.item, 'expiration_time') ?? ''),
      identity: names.flatMap((name) => stringAt(name, 'uri') ?? []).find((uri) => uri.startsWith('spiffe://')),
      hosts: names.flatMap((name) => stringAt(name, 'dns') ?? []),
      root: stringAt(authority?.item, 'serial_number'),
    });
  }
  return [...found.values()];
}
