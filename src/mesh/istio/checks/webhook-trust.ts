/** Whether what the API server trusts when it calls istiod is the authority that istiod's certificate is from. */
import type { Affected, CheckResult, Facts } from '../../../model/check.ts';
import { readCertificates } from '../../../text/pem.ts';
import { count } from '../../../text/words.ts';
import { bundleOf, type CalledWebhook, fromBase64 } from '../../checks/webhooks.ts';
import { controlPlanes } from './control-plane.ts';
import { environmentOf, rootsByNamespace, rootsMeet, type TrustedRoots } from './trusted-roots.ts';

/** Where istiod's own certificate is from somewhere else than its authority, the two need not agree. */
const OWN_AUTHORITY = new Set([undefined, 'istiod']);

/** @param meaning what it leads to, as a sentence */
export async function webhooksTrustIstiod(facts: Facts, webhooks: readonly CalledWebhook[], meaning: string): Promise<CheckResult> {
  const planes = await controlPlanes(facts);
  const foreign = planes.filter(({ deployment }) => !OWN_AUTHORITY.has(environmentOf(deployment, 'PILOT_CERT_PROVIDER')));
  const roots = await rootsByNamespace(facts);
  const judged = webhooks.flatMap((webhook) => {
    const served = roots.get(webhook.service?.namespace ?? '');
    const isForeign = foreign.some(({ deployment }) => deployment.namespace === webhook.service?.namespace);
    return served && !isForeign ? [{ webhook, served }] : [];
  });
  if (judged.length === 0)
    return { is: 'skipped', reason: 'The authority that istiod has its own certificate from is not published in the cluster.' };
  const wrong = judged.filter(({ webhook, served }) => !agrees(webhook, served));
  const affected = [...new Map(wrong.map(({ webhook, served }) => [webhook.resource.name, toAffected(webhook, served)])).values()];
  const [first] = affected;
  if (!first) return { is: 'ok', reason: `${count(judged.length, 'webhook')}.` };
  return {
    is: 'failed',
    reason: meaning,
    hint: `istiod writes the bundle of ${first.resource.name} itself: look at what else writes it, such as a GitOps tool or an old istiod, then run "kubectl -n ${wrong[0]?.webhook.service?.namespace} rollout restart deployment -l app=istiod".`,
    affected,
  };
}

/** What cannot be read, or is not there, has a check of its own. */
function agrees(webhook: CalledWebhook, { certificates }: TrustedRoots): boolean {
  const trusted = readCertificates(fromBase64(bundleOf(webhook) ?? ''));
  return trusted.length === 0 || rootsMeet(trusted, certificates);
}

function toAffected({ resource }: CalledWebhook, { configMap }: TrustedRoots): Affected {
  return {
    resource,
    detail: `Its caBundle holds none of the authorities in ConfigMap "${configMap.namespace}/${configMap.name}", one of which istiod has its certificate from.`,
  };
}
