import type { Rule } from '../../model/rule.ts';
import { violations } from './_violations.ts';

export const fieldValue: Rule = {
  meta: {
    id: 'structure/field-value',
    aliases: [],
    severity: 'error',
    summary: 'Every value is one that its field may have.',
    why: 'The API server refuses the object.',
    inputs: [],
    source: 'https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: Strict }
`,
    good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: STRICT }
`,
  },
  check: violations('value'),
};
