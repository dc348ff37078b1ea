import { describe, expect, it } from 'vitest';
import { registry } from '../../../src/mesh/istio/registry.ts';
import { egressListeners, meshRoutes, type SidecarScope, sidecarScopes } from '../../../src/mesh/istio/sidecar-scope.ts';
import type { Body } from '../../../src/model/resource.ts';
import type { ResourceSet } from '../../../src/model/resource-set.ts';
import { resourcesFrom, setFrom } from '../../builders.ts';

const toYaml = (objects: readonly Body[]): string => objects.map((object) => JSON.stringify(object)).join('\n---\n');

function service(name: string, namespace: string, exportTo = '*', port = 80): Body {
  const annotations = { 'networking.istio.io/exportTo': exportTo };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace, annotations }, spec: { ports: [{ port }] } };
}

function serviceEntry(host: string, namespace: string): Body {
  const spec = { hosts: [host], ports: [{ number: 443, name: 'tls', protocol: 'TLS' }] };
  return { apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry', metadata: { name: host.replace('*.', 'any-'), namespace }, spec };
}

function sidecar(id: string, spec: Body, metadata: Body = {}): Body {
  const [namespace, name] = id.split('/');
  return { apiVersion: 'networking.istio.io/v1', kind: 'Sidecar', metadata: { name, namespace, ...metadata }, spec };
}

/** A Sidecar of one listener without a port. */
const importing = (id: string, ...hosts: readonly string[]): Body => sidecar(id, { egress: [{ hosts }] });

function virtualService(id: string, hosts: readonly string[], destination: string, spec: Body = {}): Body {
  const [namespace, name] = id.split('/');
  const http = [{ route: [{ destination: { host: destination } }] }];
  return { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name, namespace }, spec: { hosts, http, ...spec } };
}

const SERVICES = [
  service('cart', 'shop'),
  service('secrets', 'shop', '.'),
  service('invoices', 'billing'),
  service('ledger', 'billing', '.'),
  service('search', 'platform', '*', 9200),
  serviceEntry('api.stripe.com', 'egress'),
  serviceEntry('*.googleapis.com', 'egress'),
];

/** Short names of the entries that proxies of `shop` know. */
function known(set: ResourceSet, scope: SidecarScope): readonly string[] {
  return set
    .derive(registry)
    .entries.filter((entry) => scope.lets(entry))
    .map(({ host }) => host.replace(/\.svc\.cluster\.local$/, ''))
    .sort();
}

function knownInShop(objects: readonly Body[], labels?: Readonly<Record<string, string>>): readonly string[] {
  const set = setFrom(toYaml([...SERVICES, ...objects]));
  return known(set, set.derive(sidecarScopes).of('shop', labels));
}

const EVERYTHING = ['*.googleapis.com', 'api.stripe.com', 'cart.shop', 'invoices.billing', 'search.platform', 'secrets.shop'];

describe('what the proxies of a namespace know', () => {
  it.each([
    { name: 'is all that is exported without a Sidecar', given: [], expected: EVERYTHING },
    {
      name: 'is all that is exported with a Sidecar that has no egress',
      given: [sidecar('shop/default', { ingress: [] })],
      expected: EVERYTHING,
    },
    { name: 'is everything with "*/*"', given: [importing('shop/default', '*/*')], expected: EVERYTHING },
    { name: 'is the own namespace with "./*"', given: [importing('shop/default', './*')], expected: ['cart.shop', 'secrets.shop'] },
    { name: 'is the own namespace by name', given: [importing('shop/default', 'shop/*')], expected: ['cart.shop', 'secrets.shop'] },
    { name: 'leaves out what is not exported', given: [importing('shop/default', 'billing/*')], expected: ['invoices.billing'] },
    {
      name: 'is one host of any namespace',
      given: [importing('shop/default', '*/invoices.billing.svc.cluster.local')],
      expected: ['invoices.billing'],
    },
    { name: 'needs the right namespace', given: [importing('shop/default', 'shop/invoices.billing.svc.cluster.local')], expected: [] },
    { name: 'needs full names', given: [importing('shop/default', './cart', 'shop/cart.shop')], expected: [] },
    { name: 'follows wildcards', given: [importing('shop/default', '*/*.com')], expected: ['*.googleapis.com', 'api.stripe.com'] },
    { name: 'holds a wildcard entry only as a whole', given: [importing('shop/default', 'egress/storage.googleapis.com')], expected: [] },
    {
      name: 'adds up the listeners',
      given: [sidecar('shop/default', { egress: [{ hosts: ['./*'] }, { hosts: ['egress/*'] }] })],
      expected: ['*.googleapis.com', 'api.stripe.com', 'cart.shop', 'secrets.shop'],
    },
    {
      name: 'lacks what a listener takes out',
      given: [importing('shop/default', './*', '~shop/secrets.shop.svc.cluster.local')],
      expected: ['cart.shop'],
    },
    {
      name: 'lacks what is taken out everywhere',
      given: [importing('shop/default', '*/*', '~/*.com')],
      expected: ['cart.shop', 'invoices.billing', 'search.platform', 'secrets.shop'],
    },
    {
      name: 'keeps what another listener does not take out',
      given: [sidecar('shop/default', { egress: [{ hosts: ['./*', '~./*'] }, { hosts: ['shop/cart.shop.svc.cluster.local'] }] })],
      expected: ['cart.shop'],
    },
    {
      name: 'is limited to the port of a listener',
      given: [sidecar('shop/default', { egress: [{ port: { number: 9200, protocol: 'HTTP' }, hosts: ['*/*'] }] })],
      expected: ['search.platform'],
    },
    {
      name: 'is not limited by the port of a forward proxy',
      given: [sidecar('shop/default', { egress: [{ port: { number: 3128, protocol: 'HTTP_PROXY' }, hosts: ['./*'] }] })],
      expected: ['cart.shop', 'secrets.shop'],
    },
    { name: 'passes over hosts of another form', given: [importing('shop/default', 'cart', 'a/b/c', '/x', 'shop/')], expected: [] },
  ])('$name', ({ given, expected }) => {
    expect(knownInShop(given)).toEqual(expected);
  });
});

describe('which Sidecar applies', () => {
  const mesh = importing('istio-system/mesh', './*');
  const own = importing('shop/default', 'egress/*');
  const selecting = sidecar('shop/cart', { workloadSelector: { labels: { app: 'cart' } }, egress: [{ hosts: ['billing/*'] }] });
  it.each([
    { name: "the mesh's, seen from the namespace", given: [mesh], expected: 'istio-system/mesh', known: ['cart.shop', 'secrets.shop'] },
    { name: "the namespace's own", given: [mesh, own], expected: 'shop/default', known: ['*.googleapis.com', 'api.stripe.com'] },
    {
      name: 'the one that selects the workload',
      given: [mesh, own, selecting],
      labels: { app: 'cart' },
      expected: 'shop/cart',
      known: ['invoices.billing'],
    },
    {
      name: 'not one that selects others',
      given: [mesh, selecting],
      labels: { app: 'web' },
      expected: 'istio-system/mesh',
      known: ['cart.shop', 'secrets.shop'],
    },
    { name: 'not one of another namespace', given: [importing('billing/default', './*')], expected: undefined, known: EVERYTHING },
    {
      name: "not one with a selector in the mesh's namespace",
      given: [sidecar('istio-system/x', { workloadSelector: { labels: { app: 'cart' } }, egress: [{ hosts: ['./*'] }] })],
      labels: { app: 'cart' },
      expected: undefined,
      known: EVERYTHING,
    },
    {
      name: 'the oldest of several',
      given: [
        sidecar('shop/a', { egress: [{ hosts: ['./*'] }] }, { creationTimestamp: '2026-02-01T00:00:00Z' }),
        sidecar('shop/b', { egress: [{ hosts: ['billing/*'] }] }, { creationTimestamp: '2026-01-01T00:00:00Z' }),
      ],
      expected: 'shop/b',
      known: ['invoices.billing'],
    },
  ])('$name', ({ given, labels, expected, known: hosts }) => {
    const set = setFrom(toYaml([...SERVICES, ...given]));
    const scope = set.derive(sidecarScopes).of('shop', labels);
    expect(scope.sidecar && `${scope.sidecar.namespace}/${scope.sidecar.name}`).toBe(expected);
    expect(known(set, scope)).toEqual(hosts);
  });
});

describe('destinations of imported VirtualServices', () => {
  const onlyPlatform = importing('shop/default', 'platform/api.internal');
  it.each([
    {
      name: 'are known with them',
      given: [onlyPlatform, virtualService('platform/api', ['api.internal'], 'search')],
      expected: ['search.platform'],
    },
    {
      name: 'are known where the route covers more than is imported',
      given: [onlyPlatform, virtualService('platform/api', ['*.internal'], 'invoices.billing.svc.cluster.local')],
      expected: ['invoices.billing'],
    },
    {
      name: 'are known through delegates',
      given: [
        onlyPlatform,
        virtualService('platform/api', ['api.internal'], 'x', { http: [{ delegate: { name: 'part', namespace: 'billing' } }] }),
        virtualService('billing/part', [], 'invoices', { hosts: undefined }),
      ],
      expected: ['invoices.billing'],
    },
    {
      name: 'are not, when they are not exported',
      given: [onlyPlatform, virtualService('platform/api', ['api.internal'], 'ledger.billing.svc.cluster.local')],
      expected: [],
    },
    {
      name: 'are not, when the route is another',
      given: [onlyPlatform, virtualService('platform/api', ['www.internal'], 'search')],
      expected: [],
    },
    {
      name: 'are not, when the route is of another namespace',
      given: [onlyPlatform, virtualService('billing/api', ['api.internal'], 'invoices')],
      expected: [],
    },
    {
      name: 'are not, when the route is not exported',
      given: [onlyPlatform, virtualService('platform/api', ['api.internal'], 'search', { exportTo: ['.'] })],
      expected: [],
    },
    {
      name: 'are not, when the route is for gateways',
      given: [onlyPlatform, virtualService('platform/api', ['api.internal'], 'search', { gateways: ['public'] })],
      expected: [],
    },
    {
      name: 'are not, when the route is taken out',
      given: [
        importing('shop/default', 'platform/api.internal', '~platform/*.internal'),
        virtualService('platform/api', ['api.internal'], 'search'),
      ],
      expected: [],
    },
  ])('$name', ({ given, expected }) => {
    expect(knownInShop(given)).toEqual(expected);
  });
});

describe('egress hosts', () => {
  it.each([
    { written: './*', expected: { namespace: '.', host: '*', excluded: false } },
    { written: 'prod/a.com', expected: { namespace: 'prod', host: 'a.com', excluded: false } },
    { written: '~prod/a.com', expected: { namespace: 'prod', host: 'a.com', excluded: true } },
    { written: '~/*', expected: { namespace: '*', host: '*', excluded: true } },
    { written: '/*', expected: undefined },
    { written: 'prod/', expected: undefined },
    { written: 'a.com', expected: undefined },
    { written: 'a/b/c', expected: undefined },
  ])('$written', ({ written, expected }) => {
    const [resource] = resourcesFrom(toYaml([importing('shop/default', 'x', written)]));
    const [listener] = resource ? egressListeners(resource) : [];
    expect(listener?.hosts).toEqual(expected ? [{ written, path: ['spec', 'egress', 0, 'hosts', 1], ...expected }] : []);
  });
});

describe('routes of the mesh', () => {
  it('have full hosts and leave out what is for gateways only', () => {
    const set = setFrom(
      toYaml([
        virtualService('shop/a', ['cart', 'www.example.com'], 'cart'),
        virtualService('shop/b', ['b'], 'cart', { gateways: ['public', 'mesh'] }),
        virtualService('shop/c', ['c'], 'cart', { gateways: ['public'] }),
      ]),
    );
    expect(meshRoutes(set).map(({ resource, hosts }) => [resource.name, hosts])).toEqual([
      ['a', ['cart.shop.svc.cluster.local', 'www.example.com']],
      ['b', ['b.shop.svc.cluster.local']],
    ]);
  });
});
