import type { Rule } from '../../model/rule.ts';
import { violations } from './_violations.ts';

export const fieldRequired: Rule = {
  meta: {
    id: 'structure/field-required',
    aliases: [],
    severity: 'error',
    summary: 'Every field that its kind requires is set.',
    why: 'The API server refuses the object.',
    inputs: [],
    source: 'https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation',
    since: '0.1.0',
    bad: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec:
  listeners:
    - { name: http, port: 80, protocol: HTTP }
`,
    good: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec:
  gatewayClassName: istio
  listeners:
    - { name: http, port: 80, protocol: HTTP }
`,
  },
  check: violations('missing'),
};
