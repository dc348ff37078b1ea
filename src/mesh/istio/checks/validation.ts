/** The webhooks that refuse faulty configuration. */
import { at, stringAt } from '../../../model/body.ts';
import type { Check, Facts } from '../../../model/check.ts';
import { resourceSet } from '../../../model/resource-set.ts';
import { quotedList } from '../../../text/words.ts';
import { laxWebhooks, webhookBundlesValid, webhookServicesReady } from '../../checks/webhooks.ts';
import { SERVICE, VALIDATING_WEBHOOK } from '../kinds.ts';
import { validationWebhooks, type Webhook } from '../webhooks.ts';
import { CONTROL_PLANE_EXISTS } from './control-plane.ts';
import { webhooksTrustIstiod } from './webhook-trust.ts';

const DOCS = 'https://istio.io/latest/docs/ops/common-problems/validation/';
const SERVICE_READY = 'istio/control-plane-validation-service-ready';
const NONE = 'No webhook validates configuration: the charts leave it out when told to.';
const MEANING = 'A webhook cannot be answered: objects of Istio can neither be created nor changed, or pass unchecked.';

async function validators(facts: Facts): Promise<readonly Webhook[]> {
  return resourceSet(await facts.list(VALIDATING_WEBHOOK)).derive(validationWebhooks);
}

const serviceReady: Check = {
  id: SERVICE_READY,
  category: 'control-plane',
  title: 'Every service that a validation webhook calls exists and has a ready endpoint.',
  why: 'Without an answer objects of Istio can neither be created nor changed, or pass unchecked, as the failurePolicy says.',
  settles: true,
  docs: DOCS,
  needs: [CONTROL_PLANE_EXISTS],
  reads: [VALIDATING_WEBHOOK, SERVICE],
  run: async (facts) => {
    const webhooks = await validators(facts);
    return webhooks.length === 0 ? { is: 'ok', reason: NONE } : webhookServicesReady(facts, webhooks, MEANING);
  },
};

const caBundleValid: Check = {
  id: 'istio/control-plane-validation-ca-bundle-valid',
  category: 'control-plane',
  title: 'Every validation webhook trusts an authority whose certificate is in date.',
  why: 'The API server calls no webhook whose certificate it does not trust: objects of Istio can neither be created nor changed, or pass unchecked.',
  settles: true,
  docs: DOCS,
  needs: [CONTROL_PLANE_EXISTS],
  reads: [VALIDATING_WEBHOOK],
  run: async (facts) => {
    const webhooks = await validators(facts);
    return webhooks.length === 0
      ? { is: 'ok', reason: NONE }
      : webhookBundlesValid(webhooks, facts.now, {
          meaning: MEANING,
          hint: `istiod writes the bundle of ${webhooks[0]?.resource.name} itself: restart it, and if that does not help renew the certificate of its authority (Secret "cacerts" or "istio-ca-secret").`,
          writer: 'istiod',
        });
  },
};

const caBundleAgrees: Check = {
  id: 'istio/control-plane-validation-ca-bundle-agrees',
  category: 'control-plane',
  title: "Every validation webhook trusts the authority that istiod's certificate is from.",
  why: 'The API server calls no webhook whose certificate it does not trust: objects of Istio can neither be created nor changed, or pass unchecked.',
  settles: true,
  docs: DOCS,
  needs: [CONTROL_PLANE_EXISTS],
  reads: [VALIDATING_WEBHOOK],
  run: async (facts) => {
    const webhooks = await validators(facts);
    return webhooks.length === 0
      ? { is: 'ok', reason: NONE }
      : webhooksTrustIstiod(
          facts,
          webhooks,
          'The API server does not trust the certificate that istiod shows: objects of Istio are refused, or pass unchecked.',
        );
  },
};

/** The charts write "Ignore" at first; istiod changes it once it validates. */
const failurePolicyStrict: Check = {
  id: 'istio/control-plane-validation-failure-policy-strict',
  category: 'control-plane',
  title: 'No faulty configuration is accepted because istiod is away.',
  why: 'Faulty objects that are applied meanwhile are stored, and istiod or the proxies reject them afterwards, without anybody being told.',
  settles: true,
  docs: DOCS,
  needs: [SERVICE_READY],
  reads: [VALIDATING_WEBHOOK],
  run: async (facts) => {
    const webhooks = await validators(facts);
    if (webhooks.length === 0) return { is: 'ok', reason: NONE };
    const lax = laxWebhooks(webhooks);
    const [first] = lax;
    if (!first) {
      const policies = new Set(webhooks.map(({ resource, path }) => stringAt(at(resource.body, path), 'failurePolicy') ?? 'Fail'));
      return { is: 'ok', reason: `The failurePolicy is ${quotedList([...policies])}.` };
    }
    return {
      is: 'warning',
      reason:
        'With failurePolicy "Ignore", configuration that is applied while istiod is away is not checked. istiod sets "Fail" itself once it can validate.',
      hint: `Look at istiod's log for why it leaves ${first.name} as it is, or set base.validationFailurePolicy of its chart to "Fail".`,
      affected: lax.map((resource) => ({ resource })),
    };
  },
};

export const validationChecks: readonly Check[] = [serviceReady, caBundleValid, caBundleAgrees, failurePolicyStrict];
