import { bookinfoMesh } from './_bookinfo.ts';
import { authority } from './_istio.ts';
import type { Scenario } from './_scenario.ts';

export const wrongWebhookCa: Scenario = {
  name: 'wrong-webhook-ca',
  summary: "bookinfo, but the injection webhook trusts another authority than istiod's, so that new pods are refused",
  options: () => bookinfoMesh({ webhookAuthority: authority().certificatePem }),
};
