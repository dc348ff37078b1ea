import { DESTINATION_RULE } from '../../mesh/istio/kinds.ts';
import { stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';
import { hostProblem } from './_names.ts';

export const destinationRuleHostValid: Rule = {
  meta: {
    id: 'istio-validation/destination-rule-host-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.DestinationRule'],
    severity: 'error',
    summary: 'The host of a DestinationRule is a DNS name, which may be a wildcard.',
    why: 'Istiod refuses the DestinationRule, so that its policy never takes effect.',
    inputs: [DESTINATION_RULE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/destination-rule/#DestinationRule-host',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: https://reviews
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
`,
  },
  check: judging(DESTINATION_RULE, function* ({ body }): Iterable<Flaw> {
    const host = stringAt(body, 'spec', 'host');
    const problem = host === undefined ? undefined : hostProblem(host);
    if (!problem) return;
    yield {
      path: ['spec', 'host'],
      message: `Host "${host}" is not valid: ${problem}.`,
      fix: 'Write the name of a Service, such as "reviews" or "reviews.prod.svc.cluster.local", or a wildcard such as "*.example.com".',
    };
  }),
};
