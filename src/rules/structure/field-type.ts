import type { Rule } from '../../model/rule.ts';
import { violations } from './_violations.ts';

export const fieldType: Rule = {
  meta: {
    id: 'structure/field-type',
    aliases: [],
    severity: 'error',
    summary: 'Every field holds a value of the type that its kind asks for.',
    why: 'The API server refuses the object.',
    inputs: [],
    source: 'https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ratings, namespace: shop }
spec:
  hosts: ratings
  http:
    - route:
        - destination: { host: ratings }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ratings, namespace: shop }
spec:
  hosts: [ratings]
  http:
    - route:
        - destination: { host: ratings }
`,
  },
  check: violations('type'),
};
