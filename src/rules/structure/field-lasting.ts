import type { Rule } from '../../model/rule.ts';
import { violations } from './_violations.ts';

export const fieldLasting: Rule = {
  meta: {
    id: 'structure/field-lasting',
    aliases: [],
    severity: 'info',
    isOnRequest: true,
    summary: 'Every field, value and kind is one that the newest release still has.',
    why: 'It works in releases before; the newest one refuses the object, or drops the field without a word.',
    inputs: [],
    source: 'https://github.com/kumahq/kuma/blob/master/UPGRADE.md',
    since: '0.1.0',
    bad: `
apiVersion: kuma.io/v1alpha1
kind: MeshTrafficPermission
metadata: { name: kv, namespace: shop }
spec:
  targetRef: { kind: Dataplane, labels: { app: kv } }
  from:
    - targetRef: { kind: Mesh }
      default: { action: Allow }
`,
    good: `
apiVersion: kuma.io/v1alpha1
kind: MeshTrafficPermission
metadata: { name: kv, namespace: shop }
spec:
  targetRef: { kind: Dataplane, labels: { app: kv } }
  rules:
    - default:
        allow:
          - spiffeID: { type: Prefix, value: spiffe://default/shop/ }
`,
  },
  check: violations('leaving'),
};
