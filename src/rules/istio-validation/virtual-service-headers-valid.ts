import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { itemsAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import type { Body, FieldPath } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging, under } from './_flaws.ts';
import { isAuthority, isInternal } from './_header-names.ts';
import { headerValueProblem } from './_header-values.ts';

export const virtualServiceHeadersValid: Rule = {
  meta: {
    id: 'istio-validation/virtual-service-headers-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'error',
    summary: 'Headers that a VirtualService changes may be changed, and their values can be read by Envoy.',
    why: 'Istiod refuses the VirtualService, so that its routes never take effect.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#Headers-HeaderOperations',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - headers:
        response:
          set: { x-discount: 10% }
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
    - headers:
        request:
          set: { ":authority": reviews.example.com }
        response:
          set: { x-discount: 10%%, x-pod: "%HOSTNAME%" }
      route:
        - destination: { host: reviews }
`,
  },
  check: judging(VIRTUAL_SERVICE, function* ({ body }): Iterable<Flaw> {
    for (const { item, path } of itemsAt(body, 'spec', 'http')) {
      yield* under(path, ofHeaders(item));
      yield* under(path, secondAuthority(item));
      for (const route of itemsAt(item, 'route')) yield* under([...path, ...route.path], ofHeaders(route.item));
    }
  }),
};

function* ofHeaders(owner: Body): Iterable<Flaw> {
  for (const side of ['request', 'response'] as const) {
    for (const operation of ['add', 'set']) {
      const path = ['headers', side, operation];
      for (const [name, value] of Object.entries(objectAt(owner, ...path))) {
        yield* nameFlaws(name, [...path, name], side === 'request');
        const problem = typeof value === 'string' ? headerValueProblem(value) : undefined;
        if (problem) {
          yield {
            path: [...path, name],
            message: `Value "${printable(String(value))}" of header "${name}" cannot be read by Envoy: ${problem}.`,
            fix: 'Write "%%" for a percent sign, and variables as "%NAME%".',
          };
        }
      }
    }
    for (const { value, path } of stringsAt(owner, 'headers', side, 'remove')) yield* nameFlaws(value, path, false);
  }
}

/** Control characters are what may be wrong, and would break the line of the message. */
const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f]/g, '\ufffd');

/** @param mayBeAuthority the host of a request may be set, which is another way to rewrite it */
function* nameFlaws(name: string, path: FieldPath, mayBeAuthority: boolean): Iterable<Flaw> {
  const part = typeof path.at(-1) === 'number' ? 'value' : 'key';
  if (name === '') yield { path, part, message: 'The name of a header is empty.', fix: 'Name the header.' };
  else if (isInternal(name) && !(mayBeAuthority && isAuthority(name))) {
    yield {
      path,
      part,
      message: `Header "${name}" must not be changed here.`,
      fix: 'Use rewrite for the host and the path of requests; nothing else that starts with ":" can be changed.',
    };
  }
}

/** The host of a request can be written by rewrite, by ":authority" and by "host"; only once. */
function* secondAuthority(rule: Body): Iterable<Flaw> {
  const rewritten = stringAt(rule, 'rewrite', 'authority');
  const headers = ['set', 'add'].flatMap((operation) => {
    const path = ['headers', 'request', operation];
    return Object.keys(objectAt(rule, ...path))
      .filter(isAuthority)
      .map((name) => ({ name, path: [...path, name] }));
  });
  const again = headers[rewritten ? 0 : 1];
  if (!again) return;
  yield {
    path: again.path,
    part: 'key',
    message: `Header "${again.name}" sets the host of requests, which ${rewritten ? 'rewrite.authority' : 'another header'} sets already.`,
    fix: 'Keep one of them.',
  };
}
