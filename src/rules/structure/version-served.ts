import type { Rule } from '../../model/rule.ts';
import { violations } from './_violations.ts';

export const versionServed: Rule = {
  meta: {
    id: 'structure/version-served',
    aliases: [],
    severity: 'error',
    summary: 'Every object is written in a version of its kind that is served.',
    why: 'The API server refuses the object.',
    inputs: [],
    source: 'https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/',
    since: '0.1.0',
    bad: `
apiVersion: gateway.networking.k8s.io/v1alpha2
kind: HTTPRoute
metadata: { name: shop, namespace: shop }
spec:
  parentRefs: [{ name: edge }]
`,
    good: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: shop }
spec:
  parentRefs: [{ name: edge }]
`,
  },
  check: violations('unknown-version'),
};
