import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { has, itemsAt, listAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging, under } from './_flaws.ts';

export const virtualServiceActionsAgree: Rule = {
  meta: {
    id: 'istio-validation/virtual-service-actions-agree',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'error',
    summary: 'A rule of a VirtualService does one thing: route, redirect, answer or delegate.',
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
    - redirect: { uri: /v2 }
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
    - match:
        - uri: { exact: / }
      redirect: { uri: /v2 }
    - rewrite: { uri: / }
      route:
        - destination: { host: reviews }
`,
  },
  check: judging(VIRTUAL_SERVICE, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  const isDelegate = listAt(body, 'spec', 'hosts').length === 0;
  if (isDelegate) {
    for (const field of ['gateways', 'tls', 'tcp']) {
      if (listAt(body, 'spec', field).length === 0) continue;
      yield {
        path: ['spec', field],
        part: 'key',
        message: `A VirtualService without hosts is a delegate, and must not have ${field}.`,
        fix: `Remove ${field}, or add hosts.`,
      };
    }
  }
  for (const { item, path } of itemsAt(body, 'spec', 'http')) yield* under(path, isDelegate ? ofDelegate(item) : ofRule(item));
}

function* ofDelegate(rule: Body): Iterable<Flaw> {
  if (isSet(rule, 'delegate')) {
    yield {
      path: ['delegate'],
      part: 'key',
      message: 'The rule of a delegate must not delegate again.',
      fix: 'Remove delegate, or add hosts to the VirtualService.',
    };
  }
  yield* conflicts(rule);
}

function ofRule(rule: Body): Iterable<Flaw> {
  return isSet(rule, 'delegate') ? besideDelegate(rule) : conflicts(rule);
}

function* besideDelegate(rule: Body): Iterable<Flaw> {
  for (const field of ['redirect', 'route']) {
    if (!(field === 'route' ? listAt(rule, field).length > 0 : isSet(rule, field))) continue;
    yield { path: [field], part: 'key', message: `A rule that delegates must not have ${field}.`, fix: `Remove ${field} or delegate.` };
  }
}

/** Fields that a rule which does not route has no use for. */
const OF_ROUTES = ['route', 'fault', 'rewrite'];

function* conflicts(rule: Body): Iterable<Flaw> {
  const answer = ['redirect', 'directResponse'].find((field) => isSet(rule, field));
  if (answer) {
    const others = [...OF_ROUTES, ...(answer === 'redirect' ? ['directResponse'] : [])];
    for (const field of others) {
      if (!(field === 'route' ? listAt(rule, field).length > 0 : isSet(rule, field))) continue;
      yield { path: [field], part: 'key', message: `A rule with ${answer} must not have ${field}.`, fix: `Remove ${field} or ${answer}.` };
    }
  }
  if (isSet(rule, 'mirror') && has(rule, 'mirrors') && listAt(rule, 'mirrors').length > 0) {
    yield {
      path: ['mirrors'],
      part: 'key',
      message: 'A rule must not have both mirror and mirrors.',
      fix: 'Move the destination of mirror to mirrors.',
    };
  }
}
