import type { Rule } from '../../model/rule.ts';
import { violations } from './_violations.ts';

export const ruleHolds: Rule = {
  meta: {
    id: 'structure/rule-holds',
    aliases: [],
    severity: 'error',
    summary: 'Every rule that the definition of a kind states as an expression holds, and expressions for proxies can be read.',
    why: 'The API server refuses the object.',
    inputs: [],
    source: 'https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ratings, namespace: shop }
spec:
  hosts: [ratings]
  http:
    - timeout: 5 s
      route:
        - destination: { host: ratings }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ratings, namespace: shop }
spec:
  hosts: [ratings]
  http:
    - timeout: 5s
      route:
        - destination: { host: ratings }
`,
  },
  check: violations('rule'),
};
