/** Who signs the certificates of workloads, and for how long. */
import { itemsAt, stringAt } from '../../../../model/body.ts';
import type { Affected, Check } from '../../../../model/check.ts';
import type { Resource } from '../../../../model/resource.ts';
import { parseDuration } from '../../../../text/duration.ts';
import { readCertificates } from '../../../../text/pem.ts';
import { longestLifetime } from '../../../checks/certificates.ts';
import { DEPLOYMENT, postureCheck } from '../../../checks/posture/traits.ts';
import { CONFIG_MAP, SECRET } from '../../kinds.ts';
import { controlPlanes } from '../control-plane.ts';

const PLUGGED_IN = 'cacerts';
const SELF_MADE = 'istio-ca-secret';

export const authorityPluggedIn: Check = postureCheck({
  id: 'istio/posture-authority-plugged-in',
  title: 'The authority of the mesh is one of your own.',
  why: "The root that istiod makes for itself has its key in the cluster, is known nowhere else, and cannot be shared with another cluster's mesh.",
  docs: 'https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/',
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const planes = await controlPlanes(facts);
    if (planes.length === 0) return { is: 'ok', reason: 'No control plane of Istio runs in this cluster.' };
    const seen: string[] = [];
    const affected: Affected[] = [];
    const unknown: string[] = [];
    for (const namespace of [...new Set(planes.map(({ deployment }) => deployment.namespace))].sort()) {
      const own = planes.filter(({ deployment }) => deployment.namespace === namespace).map(({ deployment }) => deployment);
      if (own.every(signsNothing)) {
        seen.push(`In "${namespace}" another authority signs.`);
        continue;
      }
      const secrets = await facts.list(SECRET, { namespace, metadataOnly: true });
      const root = rootWords(await facts.get({ kind: CONFIG_MAP, namespace, name: 'istio-ca-root-cert' }), facts.now);
      const selfMade = secrets.find(({ name }) => name === SELF_MADE);
      if (secrets.some(({ name }) => name === PLUGGED_IN)) seen.push(`Secret "${namespace}/${PLUGGED_IN}" holds it${root}.`);
      else if (selfMade) affected.push({ resource: selfMade, detail: `istiod made this authority itself${root}.` });
      else unknown.push(namespace);
    }
    if (affected.length > 0) {
      return {
        is: 'warning',
        reason: 'istiod signs with an authority that it made itself.',
        hint: `Create Secret "${PLUGGED_IN}" in namespace "${affected[0]?.resource.namespace}" with an intermediate certificate of your own root, and restart istiod. Plan it like a change of root: all proxies must trust both meanwhile.`,
        affected,
      };
    }
    if (unknown.length === 0) return { is: 'ok', reason: seen.join(' ') };
    return {
      is: 'skipped',
      reason: `Namespace "${unknown[0]}" has neither Secret "${PLUGGED_IN}" nor "${SELF_MADE}", so that the authority is not known.`,
    };
  },
});

function rootWords(configMap: Resource | undefined, now: number): string {
  const lifetime = longestLifetime(readCertificates(stringAt(configMap?.body, 'data', 'root-cert.pem') ?? ''), now);
  return lifetime ? `; its root ${lifetime.words}` : '';
}

/** @returns undefined when it is not set, or comes from elsewhere */
function variable(deployment: Resource, name: string): string | undefined {
  for (const { item } of itemsAt(deployment.body, 'spec', 'template', 'spec', 'containers')) {
    const found = itemsAt(item, 'env').find((entry) => entry.item['name'] === name);
    if (found) return stringAt(found.item, 'value');
  }
  return undefined;
}

const signsNothing = (deployment: Resource): boolean =>
  variable(deployment, 'ENABLE_CA_SERVER') === 'false' || variable(deployment, 'EXTERNAL_CA') !== undefined;

const LONGEST_HOURS = 7 * 24;

export const workloadCertificatesShort: Check = postureCheck({
  id: 'istio/posture-workload-certificates-short',
  title: 'Certificates of workloads live for a week at the most.',
  why: 'A stolen certificate is good until it ends: Istio revokes none.',
  docs: 'https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars',
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const planes = await controlPlanes(facts);
    const affected = planes.flatMap(({ deployment }): readonly Affected[] => {
      const written = variable(deployment, 'DEFAULT_WORKLOAD_CERT_TTL');
      const hours = (parseDuration(written ?? '') ?? 0) / 3_600_000;
      return hours > LONGEST_HOURS ? [{ resource: deployment, detail: `DEFAULT_WORKLOAD_CERT_TTL is ${written}.` }] : [];
    });
    if (affected.length === 0) return { is: 'ok' };
    return {
      is: 'warning',
      reason: 'Certificates of workloads live for long.',
      hint: 'Remove DEFAULT_WORKLOAD_CERT_TTL from the environment of istiod; proxies renew their certificates of 24 hours by themselves.',
      affected,
    };
  },
});
