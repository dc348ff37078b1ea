import { AUTHORIZATION_POLICY } from '../../mesh/istio/kinds.ts';
import { has, listAt, objectAt, stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging } from './_flaws.ts';

export const authorizationActionComplete: Rule = {
  meta: {
    id: 'istio-validation/authorization-action-complete',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.AuthorizationPolicy'],
    severity: 'error',
    summary: 'CUSTOM policies have a provider and rules, DENY policies rules, and only CUSTOM ones a provider.',
    why: 'Istiod refuses the AuthorizationPolicy, so that nothing enforces it.',
    inputs: [AUTHORIZATION_POLICY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/security/authorization-policy/#AuthorizationPolicy-Action',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: reviews, namespace: shop }
spec:
  action: CUSTOM
  rules:
    - to: [{ operation: { paths: [/admin] } }]
`,
    good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: reviews, namespace: shop }
spec:
  action: CUSTOM
  provider: { name: external-authorizer }
  rules:
    - to: [{ operation: { paths: [/admin] } }]
`,
  },
  check: judging(AUTHORIZATION_POLICY, function* ({ body }): Iterable<Flaw> {
    const action = stringAt(body, 'spec', 'action') ?? 'ALLOW';
    const hasRules = listAt(body, 'spec', 'rules').length > 0;
    const place = (field: string): Pick<Flaw, 'path' | 'part'> => ({ path: ['spec', has(body, 'spec', field) ? field : 'action'] });
    if ((action === 'CUSTOM' || action === 'DENY') && !hasRules) {
      yield {
        ...place('rules'),
        message: `A ${action} policy without rules matches no request, so it would never act.`,
        fix: 'Add rules; an empty one ({}) matches every request.',
      };
    }
    if (action === 'CUSTOM' && hasRules && !stringAt(body, 'spec', 'provider', 'name')) {
      yield {
        ...place('provider'),
        message: 'A CUSTOM policy does not say which provider decides.',
        fix: 'Add provider with the name of an extension provider of the mesh.',
      };
    }
    if (action !== 'CUSTOM' && isSet(objectAt(body, 'spec'), 'provider')) {
      yield {
        path: ['spec', 'provider'],
        part: 'key',
        message: `A provider decides for CUSTOM policies only, and this one is ${action}.`,
        fix: 'Write action CUSTOM, or remove provider.',
      };
    }
  }),
};
