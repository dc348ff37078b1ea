/** The webhooks that put sidecars into new pods. */
import type { Check, CheckResult } from '../../../model/check.ts';
import { quotedList } from '../../../text/words.ts';
import { fromFindings } from '../../checks/findings.ts';
import { laxWebhooks, SERVICE, webhookBundlesValid, webhookServicesReady } from '../../checks/webhooks.ts';
import { MUTATING_WEBHOOK } from '../kinds.ts';
import { injectors } from './control-plane.ts';
import { webhooksTrustIstiod } from './webhook-trust.ts';

const API = 'kubernetes/api-reachable';
export const WEBHOOK_EXISTS = 'istio/injection-webhook-exists';
const SETUP = 'https://istio.io/latest/docs/ops/common-problems/injection/';

const webhookExists: Check = {
  id: WEBHOOK_EXISTS,
  category: 'injection',
  title: 'A webhook injects the sidecar into new pods.',
  why: 'New pods start without sidecar, and bypass the mesh.',
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
  why: 'Without an answer new pods are refused, or start without a sidecar, as the failurePolicy says.',
  docs: SETUP,
  settles: true,
  needs: [WEBHOOK_EXISTS],
  reads: [SERVICE],
  run: async (facts) =>
    webhookServicesReady(facts, await injectors(facts), 'A webhook cannot be answered: new pods are refused, or start without a sidecar.'),
};

const caBundleValid: Check = {
  id: 'istio/injection-ca-bundle-valid',
  category: 'injection',
  title: 'Every injection webhook trusts an authority whose certificate is in date.',
  why: 'The API server calls no webhook whose certificate it does not trust: new pods are refused, or start without a sidecar.',
  docs: SETUP,
  settles: true,
  needs: [WEBHOOK_EXISTS],
  reads: [MUTATING_WEBHOOK],
  run: async (facts) =>
    webhookBundlesValid(await injectors(facts), facts.now, {
      meaning: 'The API server cannot trust istiod: new pods are refused, or start without a sidecar.',
      hint: 'istiod writes the bundle itself: restart it, and if that does not help renew the certificate of its authority (Secret "cacerts" or "istio-ca-secret").',
      writer: 'istiod',
    }),
};

const caBundleAgrees: Check = {
  id: 'istio/injection-ca-bundle-agrees',
  category: 'injection',
  title: "Every injection webhook trusts the authority that istiod's certificate is from.",
  why: 'The API server calls no webhook whose certificate it does not trust: new pods are refused, or start without a sidecar.',
  docs: SETUP,
  settles: true,
  needs: [WEBHOOK_EXISTS],
  reads: [MUTATING_WEBHOOK],
  run: async (facts) =>
    webhooksTrustIstiod(
      facts,
      await injectors(facts),
      'The API server does not trust the certificate that istiod shows: new pods are refused, or start without a sidecar.',
    ),
};

const failurePolicySafe: Check = {
  id: 'istio/injection-failure-policy-safe',
  category: 'injection',
  title: 'No pod starts without its sidecar because istiod is away.',
  why: 'Pods that start meanwhile stay without sidecar until somebody restarts them.',
  docs: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy',
  needs: [WEBHOOK_EXISTS],
  reads: [MUTATING_WEBHOOK],
  run: async (facts): Promise<CheckResult> => {
    const lax = laxWebhooks(await injectors(facts));
    if (lax.length === 0)
      return { is: 'ok', reason: 'The failurePolicy is "Fail": while istiod is away, pods of the mesh cannot be created.' };
    return {
      is: 'warning',
      reason: 'With failurePolicy "Ignore", pods that are created while istiod is away get no sidecar and bypass the mesh.',
      hint: 'Set failurePolicy to "Fail", and give istiod more than one replica.',
      affected: lax.map((resource) => ({ resource })),
    };
  },
};

const webhooksDistinct: Check = {
  id: 'istio/injection-webhooks-distinct',
  category: 'injection',
  title: 'No pod is selected by more than one injection webhook.',
  why: 'Which control plane a pod gets is left to chance, or it gets two sidecars and does not start.',
  docs: 'https://istio.io/latest/docs/reference/config/analysis/ist0139/',
  needs: [WEBHOOK_EXISTS],
  run: (facts) => fromFindings(facts, 'istio-webhook/webhooks-do-not-overlap', 'Webhooks overlap.'),
};

const namespaceLabelsAgree: Check = {
  id: 'istio/injection-namespace-labels-agree',
  category: 'injection',
  title: 'No namespace carries labels for injection that contradict each other.',
  why: 'Injection does not do what one of the labels says.',
  docs: 'https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/',
  needs: [WEBHOOK_EXISTS],
  run: (facts) => fromFindings(facts, 'istio-injection/namespace-injection-labels-agree', 'Labels of a namespace contradict each other.'),
};

export const injectionChecks: readonly Check[] = [
  webhookExists,
  serviceReady,
  caBundleValid,
  caBundleAgrees,
  failurePolicySafe,
  webhooksDistinct,
  namespaceLabelsAgree,
];
