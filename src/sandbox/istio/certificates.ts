/** The certificates of workloads, as istiod's authority issues them: for a day, renewed at half of it. */
import { X509Certificate } from 'node:crypto';
import { objectAt, stringAt } from '../../model/body.ts';
import type { Inside } from '../options.ts';
import { type Certificate, issueCertificate } from '../pki/certificate.ts';
import type { MeshProxy } from './proxy.ts';
import { spiffeId } from './proxy.ts';
import { serversOf } from './routes.ts';
import type { MeshView } from './view.ts';

const DAY_MS = 86_400_000;
const SKEW_MS = 120_000;
const SECRET = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';

export interface Secret {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
  /** PEM, the leaf first. */
  readonly chain: string;
  readonly isAuthority: boolean;
}

export class WorkloadCertificates {
  readonly #authority: Certificate;
  readonly #inside: Inside;
  readonly #issued = new Map<string, { readonly chain: string; readonly at: number }>();

  constructor(authority: Certificate, inside: Inside) {
    this.#authority = authority;
    this.#inside = inside;
  }

  /** What a proxy got by SDS: its own certificate, the authority, and what its Gateways name. */
  secretsOf(proxy: MeshProxy, view: MeshView): readonly Secret[] {
    const { chain, at } = this.#own(proxy);
    const started = Date.parse(proxy.pod.metadata.creationTimestamp ?? '') || at;
    const named = [...new Set(serversOf(proxy, view).flatMap(({ credential }) => credential ?? []))];
    return [
      { name: 'default', updatedAt: at, chain, isAuthority: false },
      { name: 'ROOTCA', updatedAt: started, chain: this.#authority.certificatePem, isAuthority: true },
      ...named.flatMap((name) => {
        const secret = this.#inside.store.get('core/Secret', proxy.namespace, name);
        const pem = Buffer.from(stringAt(objectAt(secret, 'data'), 'tls.crt') ?? '', 'base64').toString();
        return secret ? [{ name: `kubernetes://${name}`, updatedAt: started, chain: pem, isAuthority: false }] : [];
      }),
    ];
  }

  forget(uid: string): void {
    this.#issued.delete(uid);
  }

  #own(proxy: MeshProxy): { readonly chain: string; readonly at: number } {
    const key = proxy.pod.metadata.uid ?? proxy.name;
    const now = this.#inside.now();
    const known = this.#issued.get(key);
    if (known && now < known.at + DAY_MS / 2) return known;
    const started = Date.parse(proxy.pod.metadata.creationTimestamp ?? '') || now;
    const at = started + Math.floor(Math.max(0, now - started) / (DAY_MS / 2)) * (DAY_MS / 2);
    const { certificatePem } = issueCertificate({
      commonName: '',
      uris: [spiffeId(proxy)],
      issuer: this.#authority,
      notBefore: at - SKEW_MS,
      notAfter: at + DAY_MS,
    });
    const issued = { chain: certificatePem + this.#authority.certificatePem, at };
    this.#issued.set(key, issued);
    return issued;
  }
}

/** The entry of a config dump; Envoy shows no private key. */
export function secretEntry({ name, chain, isAuthority, updatedAt }: Secret, version: string): object {
  const inline_bytes = Buffer.from(chain).toString('base64');
  const redacted = { inline_bytes: Buffer.from('[redacted]').toString('base64') };
  const content = isAuthority
    ? { validation_context: { trusted_ca: { inline_bytes } } }
    : { tls_certificate: { certificate_chain: { inline_bytes }, private_key: redacted } };
  return {
    name,
    version_info: version,
    last_updated: new Date(updatedAt).toISOString(),
    secret: { '@type': SECRET, name, ...content },
  };
}

/** The entry of `/certs`. */
export function certificateEntry({ chain }: Secret, now: number): object {
  const certificate = new X509Certificate(chain);
  const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  const names = (certificate.subjectAltName ?? '').split(', ').flatMap((each) => {
    const [, kind, value] = /^(URI|DNS|IP Address):(.*)$/.exec(each) ?? [];
    return value === undefined ? [] : [{ [kind === 'URI' ? 'uri' : kind === 'DNS' ? 'dns' : 'ip_address']: value }];
  });
  return {
    path: '<inline>',
    serial_number: certificate.serialNumber.toLowerCase(),
    subject_alt_names: names,
    days_until_expiration: String(Math.max(0, Math.floor((to.getTime() - now) / DAY_MS))),
    valid_from: written(from),
    expiration_time: written(to),
  };
}

const written = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
