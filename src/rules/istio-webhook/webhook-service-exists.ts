import { MUTATING_WEBHOOK, SERVICE } from '../../mesh/istio/kinds.ts';
import type { Webhook } from '../../mesh/istio/webhooks.ts';
import { givenIn } from '../../model/absence.ts';
import { stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { istioWebhooks, nameOf, WEBHOOK_KINDS } from './_webhooks.ts';

/** Webhooks outlive their control plane when it was removed by hand, and then stand in everybody's way. */
export const webhookServiceExists: Rule = {
  meta: {
    id: 'istio-webhook/webhook-service-exists',
    aliases: ['IST0139'],
    analyzers: ['webhook.Analyzer'],
    severity: 'error',
    summary: 'Every service that a webhook of Istio calls exists.',
    why: 'Every call fails: new pods are refused or stay without a sidecar, and configuration is refused or not validated.',
    inputs: [...WEBHOOK_KINDS, SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0139/',
    since: '0.1.0',
    bad: `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: istio-sidecar-injector-canary }
webhooks:
  - name: rev.namespace.sidecar-injector.istio.io
    clientConfig:
      service: { name: istiod-canary, namespace: istio-system, path: /inject }
    namespaceSelector:
      matchLabels: { istio.io/rev: canary }
---
apiVersion: v1
kind: Service
metadata: { name: istiod, namespace: istio-system }
`,
    good: `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: istio-sidecar-injector-canary }
webhooks:
  - name: rev.namespace.sidecar-injector.istio.io
    clientConfig:
      service: { name: istiod-canary, namespace: istio-system, path: /inject }
    namespaceSelector:
      matchLabels: { istio.io/rev: canary }
---
apiVersion: v1
kind: Service
metadata: { name: istiod-canary, namespace: istio-system }
`,
    differs: 'The webhooks that validate configuration are checked too, not only those that inject.',
  },
  *check(resources) {
    const reported = new Set<string>();
    for (const webhook of istioWebhooks(resources)) {
      const { service, resource } = webhook;
      if (!service || resources.get(SERVICE, service.namespace, service.name)) continue;
      // All webhooks of a configuration usually call the same service; one finding is enough.
      const key = [resource.cluster, resource.kind, resource.name, service.namespace, service.name].join('/');
      if (reported.has(key)) continue;
      reported.add(key);
      yield {
        at: resource,
        path: [...webhook.path, 'clientConfig', 'service', 'name'],
        message: `${nameOf(webhook)} calls service "${service.name}" in namespace "${service.namespace}", which does not exist; ${consequence(webhook)}.`,
        fix: `Delete the configuration "${resource.name}" if its control plane is gone, or install the control plane again.`,
        absent: givenIn(resources, SERVICE, service.namespace),
      };
    }
  },
};

function consequence({ resource, path }: Webhook): string {
  const fails = (stringAt(resource.body, ...path, 'failurePolicy') ?? 'Fail') === 'Fail';
  if (resource.kind === MUTATING_WEBHOOK)
    return fails ? 'no pod that it selects can be created' : 'pods that it selects start without a sidecar';
  return fails ? 'no configuration of Istio can be changed' : 'wrong configuration of Istio is accepted';
}
