/** The webhooks that put sidecars into new pods. */
import { at, booleanAt, listAt, stringAt } from '../../../model/body.ts';
import type { Affected, Check, CheckResult, Facts } from '../../../model/check.ts';
import { groupBy } from '../../../model/maps.ts';
import type { Kind, Resource } from '../../../model/resource.ts';
import { readCertificates } from '../../../text/pem.ts';
import { count, quotedList } from '../../../text/words.ts';
import { MUTATING_WEBHOOK, SERVICE } from '../kinds.ts';
import type { InjectionWebhook } from '../webhooks.ts';
import { injectors } from './control-plane.ts';
import { fromFindings } from './findings.ts';

const ENDPOINT_SLICE: Kind = 'discovery.k8s.io/EndpointSlice';

const API = 'kubernetes/api-reachable';
const WEBHOOK_EXISTS = 'istio/injection-webhook-exists';
const SETUP = 'https://istio.io/latest/docs/ops/common-problems/injection/';

const webhookExists: Check = {
  id: WEBHOOK_EXISTS,
  category: 'injection',
  title: 'A webhook injects the sidecar into new pods.',
  docs: SETUP,
  needs: [API],
  reads: [MUTATING_WEBHOOK],
  run: async (facts) => {
    const names = [...new Set((await injectors(facts)).map(({ resource }) => resource.name))];
    if (names.length > 0) return { is: 'ok', reason: `${quotedList(names)}.` };
    return {
      is: 'failed',
      reason: 'No MutatingWebhookConfiguration of Istio concerns new pods, so that none gets a sidecar.',
      hint: 'Install the control plane again: its chart "istiod" brings the webhooks.',
    };
  },
};

const serviceReady: Check = {
  id: 'istio/injection-service-ready',
  category: 'injection',
  title: 'Every service that an injection webhook calls exists and has a ready endpoint.',
  docs: SETUP,
  needs: [WEBHOOK_EXISTS],
  reads: [SERVICE],
  run: async (facts) => {
    const called = byService(await injectors(facts));
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
    return {
      is: 'failed',
      reason: 'A webhook cannot be answered: new pods are refused, or start without a sidecar.',
      hint,
      affected,
    };
  },
};

interface Called {
  readonly namespace: string;
  readonly name: string;
  readonly configurations: readonly Resource[];
}

function byService(webhooks: readonly InjectionWebhook[]): readonly Called[] {
  const inCluster = webhooks.filter(({ service }) => service !== undefined);
  return [...groupBy(inCluster, ({ service }) => `${service?.namespace}/${service?.name}`).values()].map((group) => ({
    namespace: group[0]?.service?.namespace ?? '',
    name: group[0]?.service?.name ?? '',
    configurations: [...new Set(group.map(({ resource }) => resource))],
  }));
}

/** An endpoint without conditions is taken to be ready, as kube-proxy does. */
async function hasReadyEndpoint(facts: Facts, namespace: string, name: string): Promise<boolean> {
  const slices = await facts.list(ENDPOINT_SLICE, { namespace });
  return slices
    .filter(({ labels }) => labels['kubernetes.io/service-name'] === name)
    .some(({ body }) => listAt(body, 'endpoints').some((endpoint) => booleanAt(endpoint, 'conditions', 'ready') !== false));
}

const caBundleValid: Check = {
  id: 'istio/injection-ca-bundle-valid',
  category: 'injection',
  title: 'Every injection webhook trusts an authority whose certificate is in date.',
  docs: SETUP,
  needs: [WEBHOOK_EXISTS],
  reads: [MUTATING_WEBHOOK],
  run: async (facts) => {
    // A URL may be served with a certificate of a public authority, and then needs no bundle.
    const webhooks = (await injectors(facts)).filter((webhook) => webhook.service !== undefined || bundleOf(webhook) !== undefined);
    const judged = distinct(webhooks.flatMap((webhook) => judgeBundle(webhook, facts.now) ?? []));
    const failed = judged.some(({ is }) => is === 'failed');
    if (judged.length === 0) return { is: 'ok', reason: `${count(webhooks.length, 'webhook')}.` };
    return {
      is: failed ? 'failed' : 'warning',
      reason: failed
        ? 'The API server cannot trust istiod: new pods are refused, or start without a sidecar.'
        : 'The certificate of the authority ends soon.',
      hint: 'istiod writes the bundle itself: restart it, and if that does not help renew the certificate of its authority (Secret "cacerts" or "istio-ca-secret").',
      affected: judged.map(({ affected }) => affected),
    };
  },
};

interface Judged {
  readonly is: 'failed' | 'warning';
  readonly affected: Affected;
}

const bundleOf = ({ resource, path }: InjectionWebhook): string | undefined =>
  stringAt(at(resource.body, path), 'clientConfig', 'caBundle') || undefined;

/** The part of its lifetime that a certificate must have left. */
const LEAST_LEFT = 0.1;

function judgeBundle(webhook: InjectionWebhook, now: number): Judged | undefined {
  const judged = (is: Judged['is'], detail: string): Judged => ({ is, affected: { resource: webhook.resource, detail } });
  const bundle = bundleOf(webhook);
  if (bundle === undefined) return judged('failed', 'It has no caBundle: istiod has not written it.');
  const certificates = readCertificates(decoded(bundle));
  if (certificates.length === 0) return judged('failed', 'Its caBundle holds no certificate that can be read.');
  // During a rotation the old authority may stand beside the new one.
  const current = certificates.filter(({ notBefore, notAfter }) => notBefore <= now && now <= notAfter);
  if (current.length === 0) {
    const last = Math.max(...certificates.map(({ notAfter }) => notAfter));
    return judged('failed', last < now ? `Its caBundle expired on ${day(last)}.` : 'Its caBundle is not valid yet.');
  }
  const left = Math.max(...current.map(({ notBefore, notAfter }) => (notAfter - now) / (notAfter - notBefore)));
  if (left >= LEAST_LEFT) return undefined;
  return judged('warning', `Its caBundle expires on ${day(Math.max(...current.map(({ notAfter }) => notAfter)))}.`);
}

const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

function decoded(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return '';
  }
}

/** The webhooks of one configuration usually share their bundle, and their trouble. */
function distinct(judged: readonly Judged[]): readonly Judged[] {
  return [...new Map(judged.map((each) => [`${each.affected.resource.name} ${each.affected.detail}`, each])).values()];
}

const failurePolicySafe: Check = {
  id: 'istio/injection-failure-policy-safe',
  category: 'injection',
  title: 'No pod starts without its sidecar because istiod is away.',
  docs: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy',
  needs: [WEBHOOK_EXISTS],
  reads: [MUTATING_WEBHOOK],
  run: async (facts): Promise<CheckResult> => {
    const lax = (await injectors(facts)).filter(({ resource, path }) => stringAt(at(resource.body, path), 'failurePolicy') === 'Ignore');
    if (lax.length === 0)
      return { is: 'ok', reason: 'The failurePolicy is "Fail": while istiod is away, pods of the mesh cannot be created.' };
    return {
      is: 'warning',
      reason: 'With failurePolicy "Ignore", pods that are created while istiod is away get no sidecar and bypass the mesh.',
      hint: 'Set failurePolicy to "Fail", and give istiod more than one replica.',
      affected: [...new Set(lax.map(({ resource }) => resource))].map((resource) => ({ resource })),
    };
  },
};

const webhooksDistinct: Check = {
  id: 'istio/injection-webhooks-distinct',
  category: 'injection',
  title: 'No pod is selected by more than one injection webhook.',
  docs: 'https://istio.io/latest/docs/reference/config/analysis/ist0139/',
  needs: [WEBHOOK_EXISTS],
  run: (facts) => fromFindings(facts, 'istio-webhook/webhooks-do-not-overlap', 'Webhooks overlap.'),
};

const namespaceLabelsAgree: Check = {
  id: 'istio/injection-namespace-labels-agree',
  category: 'injection',
  title: 'No namespace carries labels for injection that contradict each other.',
  docs: 'https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/',
  needs: [WEBHOOK_EXISTS],
  run: (facts) => fromFindings(facts, 'istio-injection/namespace-injection-labels-agree', 'Labels of a namespace contradict each other.'),
};

export const injectionChecks: readonly Check[] = [
  webhookExists,
  serviceReady,
  caBundleValid,
  failurePolicySafe,
  webhooksDistinct,
  namespaceLabelsAgree,
];
