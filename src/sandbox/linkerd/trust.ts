/** The certificates of a Linkerd mesh: its trust anchor, its issuer, and what webhooks and the tap API serve with. */
import { type Certificate, issueCertificate } from '../pki/certificate.ts';
import { CONTROL_NAMESPACE, TRUST_DOMAIN, VIZ_NAMESPACE } from './names.ts';

const DAY_MS = 86_400_000;

/** Services that are called over HTTPS; the Secret of each is called `<name>-k8s-tls`. */
export const SERVING = {
  'linkerd-proxy-injector': CONTROL_NAMESPACE,
  'linkerd-sp-validator': CONTROL_NAMESPACE,
  'linkerd-policy-validator': CONTROL_NAMESPACE,
  tap: VIZ_NAMESPACE,
  'tap-injector': VIZ_NAMESPACE,
} as const;

export type ServingName = keyof typeof SERVING;

export interface MeshTrust {
  readonly anchor: Certificate;
  readonly issuer: Certificate;
  /** Milliseconds since the epoch. */
  readonly issuerNotAfter: number;
  readonly serving: Readonly<Record<ServingName, Certificate>>;
}

/** @param issuerDays how long the issuer's certificate is still valid; a year when absent */
export function meshTrust(issuerDays = 365): MeshTrust {
  const now = Date.now();
  const anchor = trustAnchor();
  const commonName = `identity.${CONTROL_NAMESPACE}.${TRUST_DOMAIN}`;
  const notBefore = Math.min(now, now + issuerDays * DAY_MS) - 30 * DAY_MS;
  const notAfter = now + issuerDays * DAY_MS;
  return {
    anchor,
    issuerNotAfter: notAfter,
    issuer: issueCertificate({ commonName, dnsNames: [commonName], isCa: true, issuer: anchor, notBefore, notAfter }),
    serving: Object.fromEntries(Object.entries(SERVING).map(([name, namespace]) => [name, servingCertificate(name, namespace)])) as Record<
      ServingName,
      Certificate
    >,
  };
}

export function trustAnchor(): Certificate {
  const notBefore = Date.now() - 60 * DAY_MS;
  return issueCertificate({
    commonName: `root.${CONTROL_NAMESPACE}.${TRUST_DOMAIN}`,
    isCa: true,
    notBefore,
    notAfter: notBefore + 3650 * DAY_MS,
  });
}

/** The charts make them self-signed, so that each is its own authority. */
export function servingCertificate(name: string, namespace: string): Certificate {
  const host = `${name}.${namespace}.svc`;
  const notBefore = Date.now() - 30 * DAY_MS;
  return issueCertificate({ commonName: host, dnsNames: [host], notBefore, notAfter: notBefore + 365 * DAY_MS });
}
