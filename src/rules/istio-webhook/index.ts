/** Admission webhooks of Istio's control plane. */
import type { Rule } from '../../model/rule.ts';
import { externalControlPlaneUrlHasHostname } from './external-control-plane-url-has-hostname.ts';
import { externalControlPlaneUrlValid } from './external-control-plane-url-valid.ts';
import { webhookServiceExists } from './webhook-service-exists.ts';
import { webhooksDoNotOverlap } from './webhooks-do-not-overlap.ts';

export const rules: readonly Rule[] = [
  externalControlPlaneUrlHasHostname,
  externalControlPlaneUrlValid,
  webhookServiceExists,
  webhooksDoNotOverlap,
];
