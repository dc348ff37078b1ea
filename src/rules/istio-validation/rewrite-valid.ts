import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { itemsAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging, under } from './_flaws.ts';

export const rewriteValid: Rule = {
  meta: {
    id: 'istio-validation/rewrite-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'error',
    summary: 'A rewrite says what to write, in one way.',
    why: 'Istiod refuses the VirtualService, so that its routes never take effect.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRewrite',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - rewrite: { uri: /, uriRegexRewrite: { match: "^/v1/(.*)", rewrite: '/\\\\1' } }
      route:
        - destination: { host: reviews }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - rewrite: { authority: reviews.example.com, uriRegexRewrite: { match: "^/v1/(.*)", rewrite: '/\\\\1' } }
      route:
        - destination: { host: reviews }
`,
  },
  check: judging(VIRTUAL_SERVICE, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { item, path } of itemsAt(body, 'spec', 'http')) {
    if (isSet(item, 'rewrite')) yield* under([...path, 'rewrite'], ofRewrite(objectAt(item, 'rewrite')));
  }
}

function* ofRewrite(rewrite: Body): Iterable<Flaw> {
  const uri = stringAt(rewrite, 'uri');
  const byExpression = isSet(rewrite, 'uriRegexRewrite');
  if (uri && byExpression) {
    yield { path: ['uriRegexRewrite'], part: 'key', message: 'The rewrite has both uri and uriRegexRewrite.', fix: 'Remove one of them.' };
  }
  if (!uri && !byExpression && !stringAt(rewrite, 'authority')) {
    yield {
      path: [],
      part: 'key',
      message: 'The rewrite has none of uri, uriRegexRewrite and authority.',
      fix: 'Add one of them, or remove rewrite.',
    };
  }
  const missing = ['match', 'rewrite'].filter((field) => byExpression && !stringAt(rewrite, 'uriRegexRewrite', field));
  if (missing.length > 0) {
    yield {
      path: ['uriRegexRewrite'],
      part: 'key',
      message: `Field uriRegexRewrite has no ${missing.join(' and no ')}.`,
      fix: 'Give both: match, the expression, and rewrite, what replaces it.',
    };
  }
}
