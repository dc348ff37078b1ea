/** The certificates that make workloads trust each other: the trust anchors, and the issuer below them. */
import { stringAt } from '../../model/body.ts';
import type { Facts } from '../../model/check.ts';
import type { Ref, Resource } from '../../model/resource.ts';
import { type Certificate, readCertificates } from '../../text/pem.ts';
import { fromBase64 } from '../checks/webhooks.ts';
import type { ControlPlane } from './control-planes.ts';
import { CONFIG_MAP, SECRET } from './kinds.ts';

type Home = Pick<ControlPlane, 'namespace'>;

export const trustRootsRef = ({ namespace }: Home): Ref => ({ kind: CONFIG_MAP, namespace, name: 'linkerd-identity-trust-roots' });

export const issuerRef = ({ namespace }: Home): Ref => ({ kind: SECRET, namespace, name: 'linkerd-identity-issuer' });

/** @returns undefined when there is no ConfigMap of trust roots */
export async function trustAnchors(facts: Facts, plane: Home): Promise<readonly Certificate[] | undefined> {
  const roots = await facts.get(trustRootsRef(plane));
  return roots && readCertificates(stringAt(roots.body, 'data', 'ca-bundle.crt') ?? '');
}

/** Where each kind of issuer keeps its certificate and its key. */
const FIELDS = [
  { certificate: 'tls.crt', key: 'tls.key', scheme: 'kubernetes.io/tls' },
  { certificate: 'crt.pem', key: 'key.pem', scheme: 'linkerd.io/tls' },
] as const;

export interface Issuer {
  readonly scheme: (typeof FIELDS)[number]['scheme'];
  /** The issuer's own certificate. */
  readonly certificate: Certificate;
  /** Certificates between it and a trust anchor. */
  readonly intermediates: readonly Certificate[];
  /** False when the key in the Secret is another's; undefined when there is none that can be read. */
  readonly hasItsKey: boolean | undefined;
}

/** @returns undefined when the Secret holds no certificate that can be read */
export function readIssuer(secret: Resource): Issuer | undefined {
  for (const fields of FIELDS) {
    const [certificate, ...intermediates] = readCertificates(fromBase64(stringAt(secret.body, 'data', fields.certificate) ?? ''));
    if (!certificate) continue;
    const key = fromBase64(stringAt(secret.body, 'data', fields.key) ?? '');
    return { scheme: fields.scheme, certificate, intermediates, hasItsKey: certificate.matchesKey(key) };
  }
  return undefined;
}

/** The trust anchors that an issuer descends from, itself among them when it is one. */
export function rootsOf(
  { certificate, intermediates }: Pick<Issuer, 'certificate' | 'intermediates'>,
  anchors: readonly Certificate[],
): readonly Certificate[] {
  const reached = [certificate];
  for (const current of reached) {
    reached.push(...intermediates.filter((each) => !reached.includes(each) && current.isIssuedBy(each)));
  }
  return anchors.filter((anchor) => reached.some((each) => each.fingerprint === anchor.fingerprint || each.isIssuedBy(anchor)));
}
