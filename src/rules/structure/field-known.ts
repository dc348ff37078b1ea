import type { Rule } from '../../model/rule.ts';
import { violations } from './_violations.ts';

export const fieldKnown: Rule = {
  meta: {
    id: 'structure/field-known',
    aliases: [],
    severity: 'error',
    summary: 'Every field exists in the definition of its kind.',
    why: 'The API server drops such a field in silence, or refuses the object when it is asked to be strict, as kubectl does.',
    inputs: [],
    source: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ratings, namespace: shop }
spec:
  hosts: [ratings]
  http:
    - timeOut: 2s
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
    - timeout: 2s
      route:
        - destination: { host: ratings }
`,
  },
  check: violations('unknown-field'),
};
