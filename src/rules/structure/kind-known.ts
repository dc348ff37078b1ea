import type { Rule } from '../../model/rule.ts';
import { violations } from './_violations.ts';

export const kindKnown: Rule = {
  meta: {
    id: 'structure/kind-known',
    aliases: [],
    severity: 'error',
    summary: 'Every kind exists in the API group that it is written for.',
    why: 'The API server refuses the object.',
    inputs: [],
    source: 'https://kubernetes.io/docs/reference/using-api/api-concepts/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualServices
metadata: { name: ratings, namespace: shop }
spec:
  hosts: [ratings]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ratings, namespace: shop }
spec:
  hosts: [ratings]
`,
  },
  check: violations('unknown-kind'),
};
