import { describe, expect, it } from 'vitest';
import { identityMatches, serviceAccountOfPrincipal, serviceAccountOfSource } from '../../../src/mesh/istio/principals.ts';
import { resourcesFrom } from '../../builders.ts';

function matchesOf(rules: unknown): readonly string[] {
  const policy = {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'p', namespace: 'shop' },
    spec: { rules },
  };
  const [resource] = resourcesFrom(JSON.stringify(policy));
  if (!resource) throw new Error('no policy');
  return identityMatches(resource).map(({ attribute, negated, name, path, values }) => {
    const list = values.map(({ value }) => value).join(',');
    return `${negated ? 'not ' : ''}${attribute} ${name} ${path.join('.')} ${list}`;
  });
}

describe('what a policy says about identities', () => {
  it('stands in sources', () => {
    const source = {
      principals: ['a', 'b'],
      notNamespaces: ['c'],
      serviceAccounts: ['d'],
      notTrustDomains: ['e'],
      ipBlocks: ['10.0.0.0/8'],
      requestPrincipals: ['*'],
    };
    expect(matchesOf([{}, { from: [{ source: {} }, { source }] }])).toEqual([
      'principal principals spec.rules.1.from.1.source.principals a,b',
      'not namespace notNamespaces spec.rules.1.from.1.source.notNamespaces c',
      'serviceAccount serviceAccounts spec.rules.1.from.1.source.serviceAccounts d',
      'not trustDomain notTrustDomains spec.rules.1.from.1.source.notTrustDomains e',
    ]);
  });

  it('stands in conditions', () => {
    const when = [
      { key: 'request.headers[x-user]', values: ['a'] },
      { key: 'source.namespace', values: ['b'], notValues: ['c'] },
      { key: 'source.principal', notValues: ['d'] },
    ];
    expect(matchesOf([{ when }])).toEqual([
      'namespace source.namespace spec.rules.0.when.1.values b',
      'not namespace source.namespace spec.rules.0.when.1.notValues c',
      'not principal source.principal spec.rules.0.when.2.notValues d',
    ]);
  });

  it.each([
    { name: 'empty lists', rules: [{ from: [{ source: { principals: [], notNamespaces: null } }] }] },
    { name: 'values of wrong types', rules: [{ from: [{ source: { principals: 'a', namespaces: [1] } }], when: [{ key: 1 }] }] },
    { name: 'no rules', rules: undefined },
    { name: 'rules that are no list', rules: { from: [] } },
  ])('is nothing in $name', ({ rules }) => {
    expect(matchesOf(rules)).toEqual([]);
  });
});

describe('the service account', () => {
  it.each([
    { principal: 'cluster.local/ns/shop/sa/cart', expected: { trustDomain: 'cluster.local', namespace: 'shop', name: 'cart' } },
    { principal: 'td.example/ns/a-b/sa/c.d', expected: { trustDomain: 'td.example', namespace: 'a-b', name: 'c.d' } },
    { principal: '*', expected: undefined },
    { principal: '*/ns/shop/sa/cart', expected: undefined },
    { principal: 'cluster.local/ns/shop/*', expected: undefined },
    { principal: 'cluster.local/ns/shop/sa/cart-*', expected: undefined },
    { principal: 'spiffe://cluster.local/ns/shop/sa/cart', expected: undefined },
    { principal: 'cluster.local/ns/shop', expected: undefined },
    { principal: '', expected: undefined },
  ])('of principal "$principal"', ({ principal, expected }) => {
    expect(serviceAccountOfPrincipal(principal)).toEqual(expected);
  });

  it.each([
    { source: 'cart', expected: { trustDomain: undefined, namespace: 'own', name: 'cart' } },
    { source: 'shop/cart', expected: { trustDomain: undefined, namespace: 'shop', name: 'cart' } },
    { source: 'shop/*', expected: undefined },
    { source: 'a/b/c', expected: undefined },
    { source: '', expected: undefined },
  ])('of source "$source"', ({ source, expected }) => {
    expect(serviceAccountOfSource(source, 'own')).toEqual(expected);
  });
});
