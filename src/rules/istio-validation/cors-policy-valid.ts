import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { itemsAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { millisecondsAt } from './_durations.ts';
import { type Flaw, judging, under } from './_flaws.ts';
import { isHeaderName } from './_header-names.ts';

export const corsPolicyValid: Rule = {
  meta: {
    id: 'istio-validation/cors-policy-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'error',
    summary: 'CORS policies allow origins, methods and headers that can exist.',
    why: 'Istiod refuses the VirtualService, so that its routes never take effect.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#CorsPolicy',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - corsPolicy:
        allowOrigins: [{ exact: "https://example.com" }]
        allowMethods: [get]
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
    - corsPolicy:
        allowOrigins: [{ exact: "https://example.com" }]
        allowMethods: [GET]
        maxAge: 24h
      route:
        - destination: { host: reviews }
`,
  },
  check: judging(VIRTUAL_SERVICE, flawsOf),
};

/** `*` stands for all. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', '*']);

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { item, path } of itemsAt(body, 'spec', 'http')) yield* under([...path, 'corsPolicy'], ofPolicy(objectAt(item, 'corsPolicy')));
}

function* ofPolicy(policy: Body): Iterable<Flaw> {
  for (const { item, path } of itemsAt(policy, 'allowOrigins')) {
    if (['exact', 'prefix', 'regex'].some((how) => stringAt(item, how))) continue;
    yield {
      path,
      message: 'An allowed origin is empty.',
      fix: 'Write exact, prefix or regex with the origin, such as "https://example.com".',
    };
  }
  for (const { value, path } of stringsAt(policy, 'allowMethods')) {
    if (METHODS.has(value)) continue;
    yield {
      path,
      message: `"${value}" is not a method of HTTP.`,
      fix: METHODS.has(value.toUpperCase()) ? `Write "${value.toUpperCase()}".` : 'Write methods such as "GET", or "*".',
    };
  }
  for (const field of ['allowHeaders', 'exposeHeaders']) {
    for (const { value, path } of stringsAt(policy, field)) {
      if (isHeaderName(value)) continue;
      yield { path, message: `"${value}" is not a valid name of a header.`, fix: 'Use letters, digits and dashes.' };
    }
  }
  const milliseconds = millisecondsAt(policy, 'maxAge');
  if (milliseconds !== undefined && milliseconds >= 1 && milliseconds % 1000 !== 0) {
    yield {
      path: ['maxAge'],
      message: `Field maxAge ("${stringAt(policy, 'maxAge')}") is not a whole number of seconds, which is what browsers are told.`,
      fix: `Write "${Math.ceil(milliseconds / 1000)}s".`,
    };
  }
}
