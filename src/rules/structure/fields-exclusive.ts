import type { Rule } from '../../model/rule.ts';
import { violations } from './_violations.ts';

export const fieldsExclusive: Rule = {
  meta: {
    id: 'structure/fields-exclusive',
    aliases: [],
    severity: 'error',
    summary: 'Of fields that exclude each other one is set, and of fields of which one is needed one is there.',
    why: 'The API server refuses the object.',
    inputs: [],
    source: 'https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    loadBalancer:
      simple: RANDOM
      consistentHash: { useSourceIp: true }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    loadBalancer:
      consistentHash: { useSourceIp: true }
`,
  },
  check: violations('exclusive'),
};
