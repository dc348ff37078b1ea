/** The certificate that istiod signs those of workloads with, where a Secret holds it. */
import { MeshctlError } from '../../../errors.ts';
import { objectAt, stringAt } from '../../../model/body.ts';
import type { Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { type Certificate, readCertificates } from '../../../text/pem.ts';
import { fromBase64 } from '../../checks/webhooks.ts';
import { SECRET } from '../kinds.ts';

export interface SigningSecret {
  readonly secret: Resource;
  /** The certificate itself; undefined when the Secret holds none that can be read. */
  readonly signing: Certificate | undefined;
  /** What istiod hands out behind each certificate that it signs. */
  readonly chain: readonly Certificate[];
  /** Empty where the signing certificate is its own root. */
  readonly roots: readonly Certificate[];
  /** Whether the private key is that of the signing certificate; undefined when either cannot be read. */
  readonly keyMatches: boolean | undefined;
}

/** A certificate given by an administrator goes before the one that istiod makes itself. */
const NAMES = ['cacerts', 'istio-ca-secret'];

/** Keys of the Secret, as `istioctl` documents them and as Kubernetes' own type of Secret has them. */
const FORMS = [
  { signing: 'ca-cert.pem', chain: 'cert-chain.pem', roots: 'root-cert.pem', key: 'ca-key.pem' },
  { signing: 'tls.crt', chain: 'tls.crt', roots: 'ca.crt', key: 'tls.key' },
] as const;

/** @returns undefined when there is none, as where another authority signs; `forbidden` when it may not be read */
export async function signingSecret(facts: Facts, namespace: string): Promise<SigningSecret | 'forbidden' | undefined> {
  try {
    for (const name of NAMES) {
      const secret = await facts.get({ kind: SECRET, namespace, name });
      if (secret) return contentsOf(secret);
    }
    return undefined;
  } catch (error) {
    if (error instanceof MeshctlError && error.code === 'E_CLUSTER_FORBIDDEN') return 'forbidden';
    throw error;
  }
}

function contentsOf(secret: Resource): SigningSecret {
  const data = objectAt(secret.body, 'data');
  const text = (key: string): string => fromBase64(stringAt(data, key) ?? '');
  const form = FORMS.find(({ signing }) => Object.hasOwn(data, signing)) ?? FORMS[0];
  const [signing] = readCertificates(text(form.signing));
  return {
    secret,
    signing,
    chain: readCertificates(text(form.chain)),
    roots: readCertificates(text(form.roots)),
    keyMatches: signing?.matchesKey(text(form.key)),
  };
}

/** Whether a way leads from the certificate to one of the roots, over the others in whatever order. */
export function leadsTo(certificate: Certificate, roots: readonly Certificate[], between: readonly Certificate[]): boolean {
  if (roots.some((root) => root.fingerprint === certificate.fingerprint || certificate.isIssuedBy(root))) return true;
  const rest = between.filter((each) => each.fingerprint !== certificate.fingerprint);
  return rest.some(
    (next) =>
      certificate.isIssuedBy(next) &&
      leadsTo(
        next,
        roots,
        rest.filter((each) => each !== next),
      ),
  );
}
