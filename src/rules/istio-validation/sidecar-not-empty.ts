import { SIDECAR } from '../../mesh/istio/kinds.ts';
import { listAt, objectAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging } from './_flaws.ts';

export const sidecarNotEmpty: Rule = {
  meta: {
    id: 'istio-validation/sidecar-not-empty',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.Sidecar'],
    severity: 'error',
    summary: 'A Sidecar configures something.',
    why: 'Istiod refuses the Sidecar, so that proxies keep the configuration they have.',
    inputs: [SIDECAR],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/sidecar/#Sidecar',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  workloadSelector:
    labels: { app: reviews }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  workloadSelector:
    labels: { app: reviews }
  egress:
    - hosts: ["./*"]
`,
  },
  check: judging(SIDECAR, function* ({ body }): Iterable<Flaw> {
    const spec = objectAt(body, 'spec');
    if (['egress', 'ingress'].some((field) => listAt(spec, field).length > 0)) return;
    if (['outboundTrafficPolicy', 'inboundConnectionPool'].some((field) => isSet(spec, field))) return;
    yield {
      path: ['spec'],
      part: 'key',
      message: 'The Sidecar configures nothing: it has none of egress, ingress, outboundTrafficPolicy and inboundConnectionPool.',
      fix: 'Add what proxies are to see, such as "egress: [{ hosts: ["./*"] }]".',
    };
  }),
};
