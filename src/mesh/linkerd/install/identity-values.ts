/**
 * The trust anchors and the issuer of an installation: given by the user, kept from before, or made.
 * Notices say until when they are valid; a key is only ever in the values.
 */
import { MeshctlError } from '../../../errors.ts';
import { booleanAt, stringAt } from '../../../model/body.ts';
import type { InstallRequest, Values } from '../../../model/install.ts';
import { type Certificate, readCertificates } from '../../../text/pem.ts';
import { quotedList } from '../../../text/words.ts';
import { mergeValues } from '../../install/merge-values.ts';
import { rootsOf } from '../identity.ts';

export interface IdentityPlan {
  readonly values: Values;
  readonly notices: readonly string[];
}

const DAY_MS = 86_400_000;
/** As long as those that "linkerd install" makes. */
const VALIDITY_MS = 365 * DAY_MS;
/** Clocks of nodes differ a little from the one that certificates are made by. */
const SKEW_MS = 60_000;
/** "linkerd check" warns as early. */
const NEAR_END_MS = 60 * DAY_MS;

const DOCS = 'https://linkerd.io/2/tasks/generate-certificates/';

/**
 * @param values of the user, for the control plane
 * @param before of the same release
 * @throws MeshctlError E_INSTALL for certificates that do not belong together, or that Linkerd would refuse
 */
export async function identityValues(
  values: Values,
  before: Values | undefined,
  namespace: string,
  request: InstallRequest,
): Promise<IdentityPlan> {
  const whole = mergeValues(before, values);
  if (isFromElsewhere(whole) || request.complete === false) return { values: {}, notices: [] };
  const kept = materialOf(before ?? {});
  const given = materialOf(values);
  const isGiven = Object.values(given).some((text) => text !== undefined);
  const material = { ...kept, ...definedOnly(given) };
  if (isGiven || (isWhole(kept) && request.renew !== true)) {
    const all = assertWhole(material);
    return { values: valuesOf(all), notices: [judge(all, request.now, isGiven)] };
  }
  return makeNew(kept, whole, namespace, request);
}

/** Of cert-manager or of another authority: then Linkerd reads what that writes into the cluster. */
const isFromElsewhere = (values: Values): boolean =>
  booleanAt(values, 'identity', 'externalCA') === true || stringAt(values, 'identity', 'issuer', 'scheme') === 'kubernetes.io/tls';

interface Material {
  readonly anchors: string | undefined;
  readonly issuer: string | undefined;
  readonly issuerKey: string | undefined;
}

type Whole = { readonly [field in keyof Material]: string };

const PATHS: Readonly<Record<keyof Material, string>> = {
  anchors: 'identityTrustAnchorsPEM',
  issuer: 'identity.issuer.tls.crtPEM',
  issuerKey: 'identity.issuer.tls.keyPEM',
};

function materialOf(values: Values): Material {
  const read = (path: string): string | undefined => stringAt(values, ...path.split('.'))?.trim() || undefined;
  return { anchors: read(PATHS.anchors), issuer: read(PATHS.issuer), issuerKey: read(PATHS.issuerKey) };
}

const definedOnly = (material: Material): Partial<Whole> =>
  Object.fromEntries(Object.entries(material).filter(([, text]) => text !== undefined));

const isWhole = (material: Material): material is Whole => Object.values(material).every((text) => text !== undefined);

function assertWhole(material: Material): Whole {
  if (isWhole(material)) return material;
  const missing = (Object.keys(PATHS) as (keyof Material)[]).filter((field) => material[field] === undefined);
  throw new MeshctlError(
    'E_INSTALL',
    `Of the certificates of Linkerd, ${quotedList(missing.map((field) => PATHS[field]))} ${missing.length === 1 ? 'is' : 'are'} missing.`,
    {
      hint: `Give all three with --set-file linkerd-control-plane:${PATHS.anchors}=ca.crt and so on, or none, so that they are made. See ${DOCS}.`,
    },
  );
}

const valuesOf = ({ anchors, issuer, issuerKey }: Whole): Values => ({
  identityTrustAnchorsPEM: `${anchors}\n`,
  identity: { issuer: { tls: { crtPEM: `${issuer}\n`, keyPEM: `${issuerKey}\n` } } },
});

/** @returns the notice that says until when they are valid */
function judge({ anchors, issuer, issuerKey }: Whole, now: Date, isGiven: boolean): string {
  const refuse = (problem: string): MeshctlError => new MeshctlError('E_INSTALL', problem, { hint: `See ${DOCS} for how to make them.` });
  const roots = readCertificates(anchors);
  const [certificate, ...intermediates] = readCertificates(issuer);
  if (roots.length === 0) throw refuse(`"${PATHS.anchors}" holds no certificate that can be read.`);
  if (!certificate) throw refuse(`"${PATHS.issuer}" holds no certificate that can be read.`);
  if (!certificate.isCa)
    throw refuse('The issuer certificate is not that of an authority, so that it cannot sign certificates of workloads.');
  if (certificate.key.curve !== 'prime256v1')
    throw refuse('The key of the issuer certificate is not ECDSA on P-256, and Linkerd takes no other.');
  if (certificate.matchesKey(issuerKey) !== true) throw refuse(`"${PATHS.issuerKey}" is not the key of the issuer certificate.`);
  const own = rootsOf({ certificate, intermediates }, roots);
  if (own.length === 0) throw refuse('The issuer certificate is not signed by any of the trust anchors.');
  const [end, which] = certificate.notAfter <= lastEnd(own) ? [certificate.notAfter, 'issuer certificate'] : [lastEnd(own), 'trust anchor'];
  if (certificate.notBefore > now.getTime()) throw refuse(`The issuer certificate is not valid before ${day(certificate.notBefore)}.`);
  if (end < now.getTime()) {
    throw new MeshctlError('E_INSTALL', `The ${which} of Linkerd has been invalid since ${day(end)}.`, { hint: renewal(isGiven) });
  }
  if (end - now.getTime() > NEAR_END_MS) return `The ${which} of Linkerd is valid until ${day(end)}.`;
  return `The ${which} of Linkerd is valid until ${day(end)} only. ${renewal(isGiven)}`;
}

const lastEnd = (certificates: readonly Certificate[]): number => Math.max(...certificates.map(({ notAfter }) => notAfter));

const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

const renewal = (isGiven: boolean): string =>
  isGiven
    ? `Give new ones; ${DOCS} says how to make them.`
    : `"meshctl upgrade linkerd --renew" makes new ones, after which every meshed workload must be restarted; https://linkerd.io/2/tasks/manually-rotating-control-plane-tls-credentials/ says how to do it without interruption.`;

async function makeNew(kept: Material, values: Values, namespace: string, { now }: InstallRequest): Promise<IdentityPlan> {
  const { makeIdentity } = await import('./make-certificates.ts');
  const domain = stringAt(values, 'identityTrustDomain') || stringAt(values, 'clusterDomain') || 'cluster.local';
  const notAfter = new Date(now.getTime() + VALIDITY_MS);
  const made = await makeIdentity({
    anchorName: `root.${namespace}.${domain}`,
    issuerName: `identity.${namespace}.${domain}`,
    notBefore: new Date(now.getTime() - SKEW_MS),
    notAfter,
  });
  // Workloads that still show certificates of the issuer so far must be trusted until they are restarted.
  const anchors = kept.anchors === undefined ? made.anchor : `${kept.anchors}\n${made.anchor}`;
  const valid = `A trust anchor and an issuer certificate were made for Linkerd, valid until ${day(notAfter.getTime())}.`;
  return {
    values: valuesOf({ anchors: anchors.trim(), issuer: made.issuer.trim(), issuerKey: made.issuerKey.trim() }),
    notices:
      kept.anchors === undefined
        ? [`${valid} The anchor's key was thrown away; the issuer's is in the cluster only.`]
        : [
            valid,
            'Restart every meshed workload now: those that run trust no certificates of the new issuer, and fail to connect to workloads that have one.',
          ],
  };
}
