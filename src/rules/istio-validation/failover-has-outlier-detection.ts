import { DESTINATION_RULE } from '../../mesh/istio/kinds.ts';
import { listAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging } from './_flaws.ts';
import { trafficPolicies } from './_traffic-policies.ts';

export const failoverHasOutlierDetection: Rule = {
  meta: {
    id: 'istio-validation/failover-has-outlier-detection',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.DestinationRule'],
    severity: 'warning',
    summary: 'Failover comes with outlier detection.',
    why: 'Proxies notice failing endpoints by outlier detection only; without it they keep sending to the same locality.',
    inputs: [DESTINATION_RULE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/destination-rule/#LocalityLoadBalancerSetting',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    loadBalancer:
      localityLbSetting:
        failover: [{ from: us-east, to: eu-west }]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    loadBalancer:
      localityLbSetting:
        failover: [{ from: us-east, to: eu-west }]
    outlierDetection: { consecutive5xxErrors: 5 }
`,
    differs: 'Traffic policies of subsets and of ports are looked at too.',
  },
  check: judging(DESTINATION_RULE, function* ({ body }): Iterable<Flaw> {
    for (const { policy, path } of trafficPolicies(body)) {
      if (isSet(policy, 'outlierDetection')) continue;
      for (const field of ['localityLbSetting', 'zoneAwareLbSetting']) {
        const found = ['failover', 'failoverPriority'].find((each) => listAt(policy, 'loadBalancer', field, each).length > 0);
        // One sentence for both fields.
        if (!found || (field === 'localityLbSetting' && listAt(policy, 'loadBalancer', field, 'distribute').length > 0)) continue;
        yield {
          path: [...path, 'loadBalancer', field, found],
          part: 'key',
          message: 'Failover never happens, because no outlier detection finds endpoints that fail.',
          fix: 'Add outlierDetection to the same traffic policy.',
        };
      }
    }
  }),
};
