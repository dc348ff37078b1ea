import { REQUEST_AUTHENTICATION } from '../../mesh/istio/kinds.ts';
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';
import { privateKeys } from './_key-sets.ts';

export const jwksWithoutPrivateKeys: Rule = {
  meta: {
    id: 'istio-validation/jwks-without-private-keys',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.RequestAuthentication'],
    severity: 'warning',
    summary: 'Key sets in a RequestAuthentication hold public keys only.',
    why: 'Who can read the object can sign tokens; verifying them takes the public key only.',
    inputs: [REQUEST_AUTHENTICATION],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/security/request_authentication/#JWTRule-jwks',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: reviews, namespace: shop }
spec:
  jwtRules:
    - issuer: https://accounts.example.com
      jwks: '{"keys": [{"kty": "oct", "k": "c2VjcmV0LXNlY3JldA"}]}'
`,
    good: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: reviews, namespace: shop }
spec:
  jwtRules:
    - issuer: https://accounts.example.com
      jwks: '{"keys": [{"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}'
`,
  },
  check: judging(REQUEST_AUTHENTICATION, function* ({ body }): Iterable<Flaw> {
    for (const { item, path } of itemsAt(body, 'spec', 'jwtRules')) {
      for (const index of privateKeys(stringAt(item, 'jwks') ?? '')) {
        yield {
          path: [...path, 'jwks'],
          message: `Key ${index + 1} of jwks holds a private or shared key, for everybody to read who may read the object.`,
          fix: 'Keep the public part of the key only, and replace the key: it is no longer secret.',
        };
      }
    }
  }),
};
