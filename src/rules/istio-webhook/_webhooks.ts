/** Webhooks that call a control plane, and how a finding speaks of one. */
import { MUTATING_WEBHOOK, VALIDATING_WEBHOOK } from '../../mesh/istio/kinds.ts';
import { injectionWebhooks, validationWebhooks, type Webhook } from '../../mesh/istio/webhooks.ts';
import type { Kind } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';

export const WEBHOOK_KINDS: readonly Kind[] = [MUTATING_WEBHOOK, VALIDATING_WEBHOOK];

/** Istio's webhooks of both kinds: those that inject and those that validate. */
export function istioWebhooks(resources: ResourceSet): readonly Webhook[] {
  return [...resources.derive(injectionWebhooks), ...resources.derive(validationWebhooks)];
}

/** `Webhook "object.sidecar-injector.istio.io" of "istio-sidecar-injector"`. */
export function nameOf({ name, resource }: Webhook): string {
  return `Webhook "${name}" of "${resource.name}"`;
}
