import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { has, itemsAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging, under } from './_flaws.ts';
import { optionalPortFlaws } from './_ports.ts';

export const redirectValid: Rule = {
  meta: {
    id: 'istio-validation/redirect-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'error',
    summary: 'A redirect says where to, and by a status of redirection.',
    why: 'Istiod refuses the VirtualService, so that its routes never take effect.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRedirect',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - redirect: { uri: /v2, redirectCode: 200 }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - match:
        - uri: { prefix: /v1 }
      redirect: { prefixRewrite: /v2, scheme: https, redirectCode: 308 }
`,
  },
  check: judging(VIRTUAL_SERVICE, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { item, path } of itemsAt(body, 'spec', 'http')) {
    if (isSet(item, 'redirect')) yield* under([...path, 'redirect'], ofRedirect(objectAt(item, 'redirect'), item));
  }
}

function* ofRedirect(redirect: Body, rule: Body): Iterable<Flaw> {
  const [uri, prefix] = [stringAt(redirect, 'uri'), stringAt(redirect, 'prefixRewrite')];
  if (uri && prefix) {
    yield { path: ['prefixRewrite'], part: 'key', message: 'The redirect has both uri and prefixRewrite.', fix: 'Remove one of them.' };
  } else if (prefix && itemsAt(rule, 'match').some(({ item }) => isSet(item, 'uri') && !has(item, 'uri', 'prefix'))) {
    yield {
      path: ['prefixRewrite'],
      part: 'key',
      message: 'Field prefixRewrite replaces the prefix that a match gives, but a match of this rule compares the path otherwise.',
      fix: 'Match the path by prefix, or use uri.',
    };
  }
  if (
    !uri &&
    !prefix &&
    !['authority', 'scheme'].some((field) => stringAt(redirect, field)) &&
    !has(redirect, 'port') &&
    !has(redirect, 'derivePort')
  ) {
    yield { path: [], part: 'key', message: 'The redirect does not say where to.', fix: 'Add uri, authority, scheme or port.' };
  }
  const code = numberAt(redirect, 'redirectCode');
  if (code !== undefined && code !== 0 && (code < 300 || code > 399)) {
    yield {
      path: ['redirectCode'],
      message: `Status ${code} is not a status of redirection.`,
      fix: 'Write a status from 300 to 399, such as 301 or 308.',
    };
  }
  const scheme = stringAt(redirect, 'scheme');
  if (scheme && scheme !== 'http' && scheme !== 'https') {
    yield { path: ['scheme'], message: `Scheme "${scheme}" is neither "http" nor "https".`, fix: 'Write "http" or "https".' };
  }
  yield* optionalPortFlaws(redirect, 'port');
}
