import type { Webhook } from '../../mesh/istio/webhooks.ts';
import type { Rule } from '../../model/rule.ts';
import { readWebhookUrl } from './_urls.ts';
import { istioWebhooks, nameOf, WEBHOOK_KINDS } from './_webhooks.ts';

/** A cluster whose istiod runs elsewhere reaches it by the URLs of its webhooks; one that names neither URL nor service reaches nothing. */
export const externalControlPlaneUrlValid: Rule = {
  meta: {
    id: 'istio-webhook/external-control-plane-url-valid',
    aliases: ['IST0163'],
    analyzers: ['externalcontrolplane.ExternalControlPlaneAnalyzer'],
    severity: 'warning',
    summary: 'Every webhook of Istio names a service or a valid URL to call.',
    why: 'The API server cannot call the control plane: pods are not injected, or not created at all, and configuration is not validated.',
    inputs: WEBHOOK_KINDS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0163/',
    since: '0.1.0',
    bad: `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: istio-validator-external-istiod }
webhooks:
  - name: rev.validation.istio.io
    clientConfig: { url: "https://istiod.example.com:port/validate" }
`,
    good: `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: istio-validator-external-istiod }
webhooks:
  - name: rev.validation.istio.io
    clientConfig: { url: "https://istiod.example.com:15017/validate" }
`,
    differs:
      "What the API server refuses counts as invalid too: another scheme than https, an empty host, a user, a query or a fragment; revision tags' webhooks are checked as well.",
  },
  *check(resources) {
    for (const webhook of istioWebhooks(resources)) {
      const problem = problemOf(webhook);
      if (problem === undefined) continue;
      yield {
        at: webhook.resource,
        path: [...webhook.path, 'clientConfig', 'url'],
        message: `${nameOf(webhook)} cannot reach the control plane: ${problem}.`,
        fix: 'Give it an address such as "https://istiod.example.com:15017/inject", or the service of a control plane in the cluster.',
      };
    }
  },
};

function problemOf({ url, service }: Webhook): string | undefined {
  if (!url) return service ? undefined : 'it names neither a URL nor a service';
  const { problem } = readWebhookUrl(url);
  return problem && `its URL "${url}" ${problem}`;
}
