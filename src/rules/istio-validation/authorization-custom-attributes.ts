import { AUTHORIZATION_POLICY } from '../../mesh/istio/kinds.ts';
import { itemsAt, listAt, stringAt } from '../../model/body.ts';
import type { FieldPath, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';
import { withNegation } from './_negations.ts';

export const authorizationCustomAttributes: Rule = {
  meta: {
    id: 'istio-validation/authorization-custom-attributes',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.AuthorizationPolicy'],
    severity: 'error',
    summary: 'CUSTOM policies match by what is known before the caller is authenticated.',
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
  provider: { name: external-authorizer }
  rules:
    - from: [{ source: { namespaces: [shop] } }]
`,
    good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: reviews, namespace: shop }
spec:
  action: CUSTOM
  provider: { name: external-authorizer }
  rules:
    - from: [{ source: { ipBlocks: [10.0.0.0/8] } }]
`,
  },
  check: judging(AUTHORIZATION_POLICY, flawsOf),
};

const SOURCES = ['namespaces', 'serviceAccounts', 'trustDomains', 'principals', 'requestPrincipals'].flatMap(withNegation);
const KEYS: ReadonlySet<string> = new Set(['source.namespace', 'source.serviceAccount', 'source.trustDomain', 'source.principal']);

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  if (stringAt(body, 'spec', 'action') !== 'CUSTOM') return;
  for (const rule of itemsAt(body, 'spec', 'rules')) {
    for (const from of itemsAt(rule.item, 'from')) {
      for (const field of SOURCES) {
        if (listAt(from.item, 'source', field).length === 0) continue;
        yield unsupported(field, [...rule.path, ...from.path, 'source', field], 'key');
      }
    }
    for (const when of itemsAt(rule.item, 'when')) {
      const key = stringAt(when.item, 'key') ?? '';
      if (KEYS.has(key) || key.startsWith('request.auth.')) yield unsupported(key, [...rule.path, ...when.path, 'key'], 'value');
    }
  }
}

function unsupported(name: string, path: FieldPath, part: 'key' | 'value'): Flaw {
  return {
    path,
    part,
    message: `A CUSTOM policy cannot match by ${name}, which is known only after its provider was asked.`,
    fix: 'Match it in an ALLOW or DENY policy.',
  };
}
