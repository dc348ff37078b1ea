/** How long certificates are still good, judged by their own lifetime: a day is long for one of a day, and short for one of ten years. */
import type { CheckStatus } from '../../model/check.ts';
import type { Certificate } from '../../text/pem.ts';

/** Authorities, issuers and webhooks are renewed by hand, or by tools that begin at two thirds. */
export const LEAST_LEFT = 0.1;

/** Proxies renew theirs at half of the lifetime (Istio) or at 70 % (Linkerd): with so little left renewal has failed. */
export const LEAST_LEFT_OF_WORKLOADS = 0.2;

export interface Lifetime {
  readonly is: Exclude<CheckStatus, 'skipped'>;
  /** `expired on 2025-12-22`, `is valid until 2036-01-01`: what follows the name of the certificate. */
  readonly words: string;
}

/** @param leastLeft the part of its lifetime that a certificate must have left */
export function lifetimeOf(
  { notBefore, notAfter }: Pick<Certificate, 'notBefore' | 'notAfter'>,
  now: number,
  leastLeft = LEAST_LEFT,
): Lifetime {
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
  if (now > notAfter) return { is: 'failed', words: `expired on ${day(notAfter)}` };
  if (now < notBefore) return { is: 'failed', words: `is not valid before ${day(notBefore)}` };
  if ((notAfter - now) / (notAfter - notBefore) < leastLeft) return { is: 'warning', words: `expires on ${day(notAfter)}` };
  return { is: 'ok', words: `is valid until ${day(notAfter)}` };
}

/** What is to be said of several that stand in for each other, as authorities do during a rotation: the one that is good longest. */
export function longestLifetime(certificates: readonly Certificate[], now: number): Lifetime | undefined {
  const current = certificates.filter(({ notBefore, notAfter }) => notBefore <= now && now <= notAfter);
  const [first, ...rest] = current.length > 0 ? current : certificates;
  if (!first) return undefined;
  return lifetimeOf(
    rest.reduce((longest, each) => (each.notAfter > longest.notAfter ? each : longest), first),
    now,
  );
}
