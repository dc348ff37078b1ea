import type { Rule } from '../../model/rule.ts';
import { readWebhookUrl } from './_urls.ts';
import { istioWebhooks, nameOf, WEBHOOK_KINDS } from './_webhooks.ts';

/** Istio's guide for external control planes uses an address only to try things out. */
export const externalControlPlaneUrlHasHostname: Rule = {
  meta: {
    id: 'istio-webhook/external-control-plane-url-has-hostname',
    aliases: ['IST0164'],
    analyzers: ['externalcontrolplane.ExternalControlPlaneAnalyzer'],
    severity: 'info',
    summary: 'Every webhook that calls an external control plane does so by a host name.',
    why: 'An address changes when its load balancer is replaced, and public certificates are issued for names.',
    inputs: WEBHOOK_KINDS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0164/',
    since: '0.1.0',
    bad: `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: istio-sidecar-injector-external-istiod }
webhooks:
  - name: namespace.sidecar-injector.istio.io
    clientConfig: { url: "https://203.0.113.7:15017/inject" }
`,
    good: `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: istio-sidecar-injector-external-istiod }
webhooks:
  - name: namespace.sidecar-injector.istio.io
    clientConfig: { url: "https://istiod.example.com:15017/inject" }
`,
  },
  *check(resources) {
    for (const webhook of istioWebhooks(resources)) {
      if (!webhook.url) continue;
      const { host, isAddress, problem } = readWebhookUrl(webhook.url);
      if (!isAddress || problem) continue;
      yield {
        at: webhook.resource,
        path: [...webhook.path, 'clientConfig', 'url'],
        message: `${nameOf(webhook)} calls the control plane by the address "${host}" instead of a host name, which is not meant for production.`,
        fix: 'Give the ingress gateway of the external control plane a DNS name with a certificate for it, and use that name.',
      };
    }
  },
};
