/** Certificates in Secrets that workloads mount, each read by its name. */
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Affected, CheckResult, Facts } from '../../model/check.ts';
import type { Kind, Ref, Resource } from '../../model/resource.ts';
import { readCertificates } from '../../text/pem.ts';
import { count } from '../../text/words.ts';
import { LEAST_LEFT, type Lifetime, lifetimeOf, longestLifetime } from './certificates.ts';
import { fromBase64 } from './webhooks.ts';

const SECRET: Kind = 'core/Secret';

/** A Secret, and where in it the certificates are. */
export interface CertificateSecret extends Ref {
  readonly key: string;
  /** True for authorities, of which several stand in for each other. */
  readonly isBundle?: boolean;
  /** The part of its lifetime that it must have left; a tenth when absent. */
  readonly leastLeft?: number;
}

/** The Secrets that a workload mounts as volumes of these names. */
export function mountedSecrets(workload: Resource, volumes: readonly string[]): readonly Ref[] {
  return itemsAt(workload.body, 'spec', 'template', 'spec', 'volumes').flatMap(({ item }) => {
    const name = stringAt(item, 'secret', 'secretName');
    return name !== undefined && volumes.includes(stringAt(item, 'name') ?? '')
      ? [{ kind: SECRET, namespace: workload.namespace, name }]
      : [];
  });
}

/**
 * @param meaning what it leads to that one ends, as a sentence
 * @param hint what renews them
 */
export async function secretCertificatesValid(
  facts: Facts,
  secrets: readonly CertificateSecret[],
  { meaning, hint }: { readonly meaning: string; readonly hint: string },
): Promise<CheckResult> {
  const distinct = [...new Map(secrets.map((each) => [`${each.namespace}/${each.name} ${each.key}`, each])).values()];
  const judged = await Promise.all(distinct.map((secret) => judge(facts, secret)));
  const bad = judged.flatMap((each) => (each && each.is !== 'ok' ? [each] : []));
  const good = judged.filter((each) => each?.is === 'ok').length;
  if (bad.length === 0) {
    return good > 0
      ? { is: 'ok', reason: `${count(good, 'certificate')}.` }
      : { is: 'skipped', reason: 'No Secret holds a certificate that can be read.' };
  }
  const failed = bad.some(({ is }) => is === 'failed');
  return {
    is: failed ? 'failed' : 'warning',
    reason: failed ? meaning : 'A certificate ends soon.',
    hint,
    affected: bad.map(({ affected }) => affected),
  };
}

/** @returns undefined for what is not there, which keeps its pods from starting and is seen there, or is no certificate */
async function judge(
  facts: Facts,
  { key, isBundle = false, leastLeft = LEAST_LEFT, ...ref }: CertificateSecret,
): Promise<{ readonly is: Lifetime['is']; readonly affected: Affected } | undefined> {
  const secret = await facts.get(ref);
  const certificates = readCertificates(fromBase64(stringAt(secret?.body, 'data', key) ?? ''));
  const [own] = certificates;
  const lifetime = isBundle ? longestLifetime(certificates, facts.now) : own && lifetimeOf(own, facts.now, leastLeft);
  if (!secret || !own || !lifetime) return undefined;
  return { is: lifetime.is, affected: { resource: secret, detail: `The certificate of "${own.subject}" in "${key}" ${lifetime.words}.` } };
}
