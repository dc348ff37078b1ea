/** Admission webhooks of any mesh: whether the API server can call them. */
import { at, booleanAt, listAt, stringAt } from '../../model/body.ts';
import type { Affected, CheckResult, Facts } from '../../model/check.ts';
import { groupBy } from '../../model/maps.ts';
import type { FieldPath, Kind, Resource } from '../../model/resource.ts';
import { readCertificates } from '../../text/pem.ts';
import { count, quotedList } from '../../text/words.ts';
import { longestLifetime } from './certificates.ts';

export const SERVICE: Kind = 'core/Service';
const ENDPOINT_SLICE: Kind = 'discovery.k8s.io/EndpointSlice';

/** One entry of a webhook configuration. */
export interface CalledWebhook {
  readonly resource: Resource;
  readonly path: FieldPath;
  /** The service that is called; undefined when a URL is called, or nothing. */
  readonly service: { readonly namespace: string; readonly name: string } | undefined;
}

/** @param meaning what it leads to that a webhook cannot be answered, as a sentence */
export async function webhookServicesReady(facts: Facts, webhooks: readonly CalledWebhook[], meaning: string): Promise<CheckResult> {
  const called = byService(webhooks);
  if (called.length === 0) return { is: 'skipped', reason: 'The webhooks call a URL outside of this cluster.' };
  const services = await facts.list(SERVICE);
  const affected: Affected[] = [];
  let hint = '';
  for (const { namespace, name, configurations } of called) {
    const exists = services.some((service) => service.namespace === namespace && service.name === name);
    const ready = exists && (await hasReadyEndpoint(facts, namespace, name));
    if (ready) continue;
    const what = exists ? 'which has no ready endpoint' : 'which does not exist';
    hint ||= exists
      ? `Run "kubectl -n ${namespace} get pods" and mend the pods behind service "${name}".`
      : `Install the control plane of service "${namespace}/${name}" again, or delete the configuration if it is gone for good.`;
    affected.push(...configurations.map((resource) => ({ resource, detail: `It calls service "${namespace}/${name}", ${what}.` })));
  }
  if (affected.length === 0) return { is: 'ok', reason: `${quotedList(called.map(({ namespace, name }) => `${namespace}/${name}`))}.` };
  return { is: 'failed', reason: meaning, hint, affected };
}

interface Called {
  readonly namespace: string;
  readonly name: string;
  readonly configurations: readonly Resource[];
}

function byService(webhooks: readonly CalledWebhook[]): readonly Called[] {
  const inCluster = webhooks.filter(({ service }) => service !== undefined);
  return [...groupBy(inCluster, ({ service }) => `${service?.namespace}/${service?.name}`).values()].map((group) => ({
    namespace: group[0]?.service?.namespace ?? '',
    name: group[0]?.service?.name ?? '',
    configurations: [...new Set(group.map(({ resource }) => resource))],
  }));
}

/** An endpoint without conditions is taken to be ready, as kube-proxy does. */
export async function hasReadyEndpoint(facts: Facts, namespace: string, name: string): Promise<boolean> {
  const slices = await facts.list(ENDPOINT_SLICE, { namespace });
  return slices
    .filter(({ labels }) => labels['kubernetes.io/service-name'] === name)
    .some(({ body }) => listAt(body, 'endpoints').some((endpoint) => booleanAt(endpoint, 'conditions', 'ready') !== false));
}

export interface BundleWords {
  /** What it leads to that the API server trusts nobody, as a sentence. */
  readonly meaning: string;
  readonly hint: string;
  /** Who writes the bundle: `istiod`. */
  readonly writer: string;
}

/** Whether every webhook trusts an authority whose certificate is in date. */
export function webhookBundlesValid(webhooks: readonly CalledWebhook[], now: number, { meaning, hint, writer }: BundleWords): CheckResult {
  // A URL may be served with a certificate of a public authority, and then needs no bundle.
  const concerned = webhooks.filter((webhook) => webhook.service !== undefined || bundleOf(webhook) !== undefined);
  const judged = distinct(concerned.flatMap((webhook) => judgeBundle(webhook, now, writer) ?? []));
  if (judged.length === 0) return { is: 'ok', reason: `${count(concerned.length, 'webhook')}.` };
  const failed = judged.some(({ is }) => is === 'failed');
  return {
    is: failed ? 'failed' : 'warning',
    reason: failed ? meaning : 'The certificate of the authority ends soon.',
    hint,
    affected: judged.map(({ affected }) => affected),
  };
}

interface Judged {
  readonly is: 'failed' | 'warning';
  readonly affected: Affected;
}

/** The bundle in base64, as written; undefined when there is none. */
export const bundleOf = ({ resource, path }: Pick<CalledWebhook, 'resource' | 'path'>): string | undefined =>
  stringAt(at(resource.body, path), 'clientConfig', 'caBundle') || undefined;

function judgeBundle(webhook: CalledWebhook, now: number, writer: string): Judged | undefined {
  const judged = (is: Judged['is'], detail: string): Judged => ({ is, affected: { resource: webhook.resource, detail } });
  const bundle = bundleOf(webhook);
  if (bundle === undefined) return judged('failed', `It has no caBundle: ${writer} has not written it.`);
  const lifetime = longestLifetime(readCertificates(fromBase64(bundle)), now);
  if (!lifetime) return judged('failed', 'Its caBundle holds no certificate that can be read.');
  return lifetime.is === 'ok' ? undefined : judged(lifetime.is, `Its caBundle ${lifetime.words}.`);
}

/** Text; empty when it is no base64. */
export function fromBase64(text: string): string {
  try {
    return atob(text);
  } catch {
    return '';
  }
}

/** The webhooks of one configuration usually share their bundle, and their trouble. */
function distinct(judged: readonly Judged[]): readonly Judged[] {
  return [...new Map(judged.map((each) => [`${each.affected.resource.name} ${each.affected.detail}`, each])).values()];
}

/** Those whose configurations let objects pass when nobody answers. */
export const laxWebhooks = (webhooks: readonly CalledWebhook[]): readonly Resource[] => [
  ...new Set(
    webhooks
      .filter(({ resource, path }) => stringAt(at(resource.body, path), 'failurePolicy') === 'Ignore')
      .map(({ resource }) => resource),
  ),
];
