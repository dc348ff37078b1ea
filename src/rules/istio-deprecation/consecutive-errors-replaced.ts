import { DESTINATION_RULE } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { EACH, fieldsAt, type Pattern } from './_fields.ts';

const FIELD = ['outlierDetection', 'consecutiveErrors'];
const PLACES: readonly Pattern[] = [
  ['spec', 'trafficPolicy', ...FIELD],
  ['spec', 'trafficPolicy', 'portLevelSettings', EACH, ...FIELD],
  ['spec', 'subsets', EACH, 'trafficPolicy', ...FIELD],
  ['spec', 'subsets', EACH, 'trafficPolicy', 'portLevelSettings', EACH, ...FIELD],
];

/** Istiod accepts the field with a warning, but puts nothing of it into the proxies' configuration. */
export const consecutiveErrorsReplaced: Rule = {
  meta: {
    id: 'istio-deprecation/consecutive-errors-replaced',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.DestinationRule'],
    severity: 'warning',
    summary: 'Outlier detection counts errors by consecutive5xxErrors or consecutiveGatewayErrors.',
    why: 'The deprecated consecutiveErrors is ignored: endpoints are ejected after the default number of errors instead.',
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
    outlierDetection:
      consecutiveErrors: 3
      interval: 30s
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    outlierDetection:
      consecutive5xxErrors: 3
      interval: 30s
`,
  },
  *check(resources) {
    for (const rule of resources.all(DESTINATION_RULE)) {
      for (const { value, path } of fieldsAt(rule.body, PLACES)) {
        if (typeof value !== 'number') continue;
        yield {
          at: rule,
          path,
          part: 'key',
          message: `Field "consecutiveErrors" is deprecated and ignored, so the limit of ${value} in DestinationRule "${rule.name}" has no effect.`,
          fix: 'Use consecutive5xxErrors (any 5xx response), or consecutiveGatewayErrors (502, 503 and 504 only).',
        };
      }
    }
  },
};
