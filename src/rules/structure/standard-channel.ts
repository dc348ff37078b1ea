import type { Rule } from '../../model/rule.ts';
import { violations } from './_violations.ts';

export const standardChannel: Rule = {
  meta: {
    id: 'structure/standard-channel',
    aliases: [],
    severity: 'info',
    summary: 'Every field of the Gateway API is part of its standard channel.',
    why: 'A cluster with the definitions of the standard channel refuses the object, or drops the field.',
    inputs: [],
    source: 'https://gateway-api.sigs.k8s.io/concepts/versioning/#release-channels',
    since: '0.1.0',
    bad: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: shop }
spec:
  parentRefs: [{ name: edge }]
  rules:
    - retry: { attempts: 2 }
      backendRefs: [{ name: shop, port: 8080 }]
`,
    good: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: shop }
spec:
  parentRefs: [{ name: edge }]
  rules:
    - timeouts: { request: 2s }
      backendRefs: [{ name: shop, port: 8080 }]
`,
  },
  check: violations('experimental'),
};
