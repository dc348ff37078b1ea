import { describe, expect, it } from 'vitest';
import { attachedTo, parentsOf } from '../../../../src/mesh/linkerd/proxy-config/parents.ts';
import { profileRules, profileService, type RouteRule, rulesOf } from '../../../../src/mesh/linkerd/proxy-config/route-rules.ts';
import type { Resource } from '../../../../src/model/resource.ts';
import { resourcesFrom } from '../../../builders.ts';

const PARENT = { kind: 'Service', namespace: 'shop', name: 'web', port: 80 };

function one(yaml: string): Resource {
  const [found] = resourcesFrom(yaml);
  if (!found) throw new Error('nothing');
  return found;
}

const route = (rule: string, { kind = 'HTTPRoute', annotations = '{}', more = '' } = {}): Resource =>
  one(`apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: { name: r, namespace: shop, annotations: ${annotations} }
spec:
  parentRefs: [{ group: core, kind: Service, name: web, port: 80 }]
  rules: [${rule}]
${more}`);

const ruleOf = (...args: Parameters<typeof route>): RouteRule => {
  const [rule] = rulesOf(route(...args), PARENT).rules;
  if (!rule) throw new Error('no rule');
  return rule;
};

describe('a rule of a route', () => {
  it.each([
    ['{}', ['/*']],
    ['{ matches: [{ path: { value: /api } }, { path: { type: Exact, value: /x }, method: GET }] }', ['/api*', '/x GET']],
    ['{ matches: [{ path: { type: RegularExpression, value: "/v[0-9]+" } }] }', ['/v[0-9]+']],
    ['{ matches: [{ headers: [{ name: a, value: b }, { name: c, type: RegularExpression, value: d.* }] }] }', ['/* a=b c~d.*']],
    ['{ matches: [{ queryParams: [{ name: q, value: "1" }] }] }', ['/* ?q=1']],
  ])('%s matches %j', (rule, matches) => {
    expect(ruleOf(rule).matches).toEqual(matches);
  });

  it('of gRPC matches services and methods', () => {
    const of = (match: string) => ruleOf(`{ matches: [${match}] }`, { kind: 'GRPCRoute' }).matches;
    expect(of('{ method: { service: shop.Cart, method: Add } }')).toEqual(['/shop.Cart/Add']);
    expect(of('{ method: { service: shop.Cart } }')).toEqual(['/shop.Cart/*']);
  });

  it('may be about connections', () => {
    expect(ruleOf('{}', { kind: 'TLSRoute' }).matches).toEqual(['connections']);
  });

  it('leads to backends by their weights, or to its parent', () => {
    expect(ruleOf('{}').backends).toEqual([PARENT]);
    expect(ruleOf('{ backendRefs: [{ name: a, port: 80 }] }').backends).toEqual([
      { kind: 'Service', namespace: 'shop', name: 'a', port: 80 },
    ]);
    const { backends } = ruleOf('{ backendRefs: [{ name: a, port: 80, weight: 2 }, { name: b, namespace: other, port: 81 }] }');
    expect(backends.map(({ namespace, name, weight }) => [namespace, name, weight])).toEqual([
      ['shop', 'a', 66.7],
      ['other', 'b', 33.3],
    ]);
  });

  it('does more, by its fields and by annotations of the route', () => {
    expect(ruleOf('{ filters: [{ type: RequestRedirect }], timeouts: { request: 2s, backendRequest: 500ms } }').extras).toEqual([
      ...['redirect', 'timeout 2s', 'timeout of each try 500ms'],
    ]);
    const annotations =
      '{ retry.linkerd.io/http: 5xx, retry.linkerd.io/limit: "3", retry.linkerd.io/timeout: 100ms, timeout.linkerd.io/response: 1s }';
    expect(ruleOf('{}', { annotations }).extras).toEqual(['retries 3 of 5xx after 100ms', 'response timeout 1s']);
  });
});

describe('a parent', () => {
  const status = (accepted: string): string => `status:
  parents:
    - { controllerName: other.example/x, parentRef: { kind: Service, name: web }, conditions: [{ type: Accepted, status: "True" }] }
    - controllerName: linkerd.io/policy-controller
      parentRef: { group: core, kind: Service, name: web, namespace: shop }
      conditions: [{ type: Accepted, status: "${accepted}", reason: NoMatchingParent, message: "" }]
`;

  it('counts when the policy controller has accepted it', () => {
    const refusedOf = (more: string): unknown =>
      attachedTo(route('{}', { more }), 'Service', 'shop', 'web').map(({ port, refused }) => [port, refused]);
    expect(refusedOf(status('True'))).toEqual([[80, undefined]]);
    expect(refusedOf(status('False'))).toEqual([[80, 'the policy controller refuses it: NoMatchingParent']]);
    expect(refusedOf('')).toEqual([[80, 'the policy controller has not accepted it yet']]);
  });

  it('is of the kind that is asked for', () => {
    expect(parentsOf(route('{}'), 'Server')).toEqual([]);
    expect(attachedTo(route('{}'), 'Service', 'shop', 'other')).toEqual([]);
  });
});

describe('a service profile', () => {
  const profile = (spec: string, name = 'web.shop.svc.cluster.local'): Resource =>
    one(`apiVersion: linkerd.io/v1alpha2\nkind: ServiceProfile\nmetadata: { name: ${name}, namespace: shop }\nspec: ${spec}\n`);

  it('is of the Service in its name', () => {
    expect(profileService(profile('{}'))).toEqual({ namespace: 'shop', name: 'web' });
    expect(profileService(profile('{}', 'www.example.com'))).toBeUndefined();
  });

  it.each([
    ['{ pathRegex: /a, method: GET }', '/a GET'],
    ['{ any: [{ pathRegex: /a }, { pathRegex: /b }] }', '(/a or /b)'],
    ['{ all: [{ method: POST }, { not: { pathRegex: /c } }] }', '(POST and not /c)'],
    ['{}', '/*'],
  ])('with the condition %s', (condition, text) => {
    expect(profileRules(profile(`{ routes: [{ name: r, condition: ${condition} }] }`), PARENT)[0]).toMatchObject({
      name: 'r',
      matches: [text],
    });
  });

  it('may retry, wait and lead elsewhere', () => {
    const spec =
      '{ routes: [{ name: r, isRetryable: true, timeout: 300ms }], dstOverrides: [{ authority: "a.shop.svc.cluster.local:80", weight: 900m }, { authority: b.other.svc.cluster.local, weight: 100m }] }';
    expect(profileRules(profile(spec), PARENT)).toEqual([
      {
        ...{ name: 'r', matches: ['/*'], extras: ['retried', 'timeout 300ms'] },
        backends: [
          { kind: 'Service', namespace: 'shop', name: 'a', port: 80, weight: 90 },
          { kind: 'Service', namespace: 'other', name: 'b', weight: 10 },
        ],
      },
    ]);
  });
});
