import { REQUEST_AUTHENTICATION } from '../../mesh/istio/kinds.ts';
import { has, itemsAt, stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';
import { keySetProblem } from './_key-sets.ts';

export const jwtRulesValid: Rule = {
  meta: {
    id: 'istio-validation/jwt-rules-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.RequestAuthentication'],
    severity: 'error',
    summary: 'JWT rules say whose tokens they accept, and hold keys that can be read.',
    why: 'Istiod refuses the RequestAuthentication, so that tokens stay unchecked.',
    inputs: [REQUEST_AUTHENTICATION],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/security/request_authentication/#JWTRule',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: reviews, namespace: shop }
spec:
  jwtRules:
    - jwks: not-a-key-set
      issuer: https://accounts.example.com
`,
    good: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: reviews, namespace: shop }
spec:
  jwtRules:
    - issuer: https://accounts.example.com
      jwksUri: https://accounts.example.com/keys
`,
  },
  check: judging(REQUEST_AUTHENTICATION, function* ({ body }): Iterable<Flaw> {
    for (const { item, path } of itemsAt(body, 'spec', 'jwtRules')) {
      if (!['issuer', 'jwksUri', 'jwks_uri'].some((field) => has(item, field))) {
        yield {
          path,
          message: 'The rule has neither issuer nor jwksUri, so it is not known whose tokens it accepts.',
          fix: 'Add the issuer, as tokens name it in "iss".',
        };
      }
      const jwks = stringAt(item, 'jwks');
      const problem = jwks ? keySetProblem(jwks) : undefined;
      if (problem)
        yield { path: [...path, 'jwks'], message: `Field jwks is not a JSON Web Key Set: ${problem}.`, fix: 'Write it as {"keys": […]}.' };
    }
  }),
};
