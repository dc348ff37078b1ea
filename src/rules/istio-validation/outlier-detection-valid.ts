import { DESTINATION_RULE } from '../../mesh/istio/kinds.ts';
import { booleanAt, numberAt, objectAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging, under } from './_flaws.ts';
import { trafficPolicies } from './_traffic-policies.ts';

export const outlierDetectionValid: Rule = {
  meta: {
    id: 'istio-validation/outlier-detection-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.DestinationRule'],
    severity: 'error',
    summary: 'Outlier detection has shares of 100, and counts local failures only where it tells them apart.',
    why: 'Istiod refuses the DestinationRule, so that its policy never takes effect.',
    inputs: [DESTINATION_RULE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    outlierDetection: { consecutive5xxErrors: 5, maxEjectionPercent: 150 }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    outlierDetection: { consecutive5xxErrors: 5, maxEjectionPercent: 50, splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 3 }
`,
  },
  check: judging(DESTINATION_RULE, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { policy, path } of trafficPolicies(body))
    yield* under([...path, 'outlierDetection'], ofDetection(objectAt(policy, 'outlierDetection')));
}

function* ofDetection(detection: Body): Iterable<Flaw> {
  for (const field of ['maxEjectionPercent', 'minHealthPercent']) {
    const share = numberAt(detection, field);
    if (share === undefined || (share >= 0 && share <= 100)) continue;
    yield { path: [field], message: `Field ${field} is ${share}, and must be between 0 and 100.`, fix: 'Write a share of 100.' };
  }
  const failures = numberAt(detection, 'consecutiveLocalOriginFailures') ?? 0;
  if (failures > 0 && !booleanAt(detection, 'splitExternalLocalOriginErrors')) {
    yield {
      path: ['consecutiveLocalOriginFailures'],
      part: 'key',
      message: `Field consecutiveLocalOriginFailures is ${failures}, but failures of local origin are not counted apart from others.`,
      fix: 'Set splitExternalLocalOriginErrors to true, or remove the field.',
    };
  }
}
