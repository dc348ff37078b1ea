/** How the certificates of a proxy fare. */
import { type ServedCertificate, servedCertificates } from '../../envoy/certs.ts';
import type { Facts } from '../../model/check.ts';
import type { ProxyStatus } from '../../model/proxy-status.ts';
import type { Resource } from '../../model/resource.ts';
import { jsonValue } from '../../text/json-value.ts';
import { LEAST_LEFT_OF_WORKLOADS, lifetimeOf } from '../checks/certificates.ts';
import { askedFor } from './words.ts';

type Fares = Pick<ProxyStatus, 'certificate' | 'warnings'>;

/** What the Envoy of a pod tells of its certificates; nothing when it does not answer. */
export async function certificatesOf(facts: Facts, pod: Resource, adminPort: number): Promise<Fares> {
  const answer = await askedFor(facts, pod, adminPort, '/certs');
  return 'body' in answer ? faring(servedCertificates(jsonValue(answer.body)), facts.now) : { warnings: [] };
}

function faring(served: readonly ServedCertificate[], now: number): Fares {
  const own = served.find(({ identity }) => identity !== undefined);
  return {
    certificate: own && !Number.isNaN(own.notAfter) ? { notAfter: own.notAfter } : undefined,
    warnings: served.flatMap((each) => {
      if (Number.isNaN(each.notBefore + each.notAfter)) return [];
      // Identities are renewed by themselves; what gateways serve is looked after by others.
      const { is, words } = each === own ? lifetimeOf(each, now, LEAST_LEFT_OF_WORKLOADS) : lifetimeOf(each, now);
      return is === 'ok' ? [] : [`${nameOf(each, own)} ${words}.`];
    }),
  };
}

function nameOf(certificate: ServedCertificate, own: ServedCertificate | undefined): string {
  if (certificate === own) return 'Its certificate';
  const [first] = certificate.hosts;
  return first === undefined ? 'A certificate that it serves' : `Its certificate for ${first}`;
}
