import type { Rule } from '../../model/rule.ts';
import { violations } from './_violations.ts';

export const fieldCurrent: Rule = {
  meta: {
    id: 'structure/field-current',
    aliases: [],
    severity: 'warning',
    fixable: true,
    summary: 'No field, value, version or kind is deprecated.',
    why: 'A newer release refuses the object, or drops the field without a word.',
    inputs: [],
    source: 'https://kubernetes.io/docs/reference/using-api/deprecation-policy/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    loadBalancer:
      simple: LEAST_CONN
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    loadBalancer:
      simple: LEAST_REQUEST
`,
  },
  check: violations('superseded'),
};
