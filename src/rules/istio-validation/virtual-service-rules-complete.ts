import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { at, has, isBody, itemsAt, listAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging } from './_flaws.ts';

export const virtualServiceRulesComplete: Rule = {
  meta: {
    id: 'istio-validation/virtual-service-rules-complete',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'error',
    summary: 'A VirtualService has rules, and each of them says where its traffic goes.',
    why: 'Istiod refuses the VirtualService, so that its routes never take effect.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - match:
        - uri: { prefix: /v2 }
      timeout: 2s
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - match:
        - uri: { prefix: /v2 }
      timeout: 2s
      route:
        - destination: { host: reviews }
`,
  },
  check: judging(VIRTUAL_SERVICE, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  // What is no list is refused as a whole, and may hold the rules.
  const isEmpty = (protocol: string): boolean => listAt(body, 'spec', protocol).length === 0 && !isBody(at(body, ['spec', protocol]));
  if (['http', 'tls', 'tcp'].every(isEmpty)) {
    yield {
      path: ['spec'],
      part: 'key',
      message: 'The VirtualService has no rules: http, tls and tcp are all empty.',
      fix: 'Add at least one rule that says where the traffic of the hosts goes.',
    };
  }
  for (const { item, path } of itemsAt(body, 'spec', 'http')) {
    if (listAt(item, 'route').length > 0 || ['redirect', 'directResponse', 'delegate'].some((field) => isSet(item, field))) continue;
    yield {
      path: has(item, 'route') ? [...path, 'route'] : path,
      part: 'key',
      message: `Rule ${Number(path.at(-1)) + 1} of http has none of route, redirect, directResponse and delegate.`,
      fix: 'Add one of them.',
    };
  }
  for (const protocol of ['tls', 'tcp']) {
    for (const { item, path } of itemsAt(body, 'spec', protocol)) {
      if (listAt(item, 'route').length > 0) continue;
      yield {
        path: has(item, 'route') ? [...path, 'route'] : path,
        part: 'key',
        message: `Rule ${Number(path.at(-1)) + 1} of ${protocol} has no route.`,
        fix: 'Add the destination of its connections.',
      };
    }
  }
}
