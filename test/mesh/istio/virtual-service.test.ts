import { describe, expect, it } from 'vitest';
import { meshConfig } from '../../../src/mesh/istio/mesh-config.ts';
import {
  appliesToMesh,
  boundTo,
  gatewayKey,
  gatewaysOf,
  hostsOf,
  matchGatewaysOf,
  ruleBoundTo,
  viewersOf,
} from '../../../src/mesh/istio/virtual-service.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { resourcesFrom, setFrom } from '../../builders.ts';

function virtualService(spec: string): Resource {
  const [resource] = resourcesFrom(
    `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: storefront, namespace: shop }\nspec: ${spec}`,
  );
  if (!resource) throw new Error(spec);
  return resource;
}

describe('a gateway', () => {
  it.each([
    ['public', 'shop/public'],
    ['./public', 'shop/public'],
    ['ingress/public', 'ingress/public'],
    ['public.ingress', 'ingress/public'],
    ['public.ingress.svc.cluster.local', 'ingress/public'],
  ])('written "%s" is "%s"', (written, expected) => {
    const [gateway] = gatewaysOf(virtualService(`{ gateways: [mesh, "${written}"] }`));
    expect(gateway && gatewayKey(gateway)).toBe(expected);
    expect(gateway).toMatchObject({ written, path: ['spec', 'gateways', 1] });
  });

  it('may be named by matches of any protocol', () => {
    const route = virtualService('{ http: [{ match: [{}, { gateways: [mesh, a] }] }], tls: [{ match: [{ gateways: [x/b] }] }], tcp: [7] }');
    expect(matchGatewaysOf(route).map((gateway) => [gatewayKey(gateway), gateway.path.join('.')])).toEqual([
      ['shop/a', 'spec.http.0.match.1.gateways.1'],
      ['x/b', 'spec.tls.0.match.0.gateways.0'],
    ]);
  });
});

describe('a VirtualService', () => {
  it.each([
    ['{}', true, ['mesh']],
    ['{ gateways: [] }', true, ['mesh']],
    ['{ gateways: [mesh] }', true, ['mesh']],
    ['{ gateways: [mesh, a] }', true, ['shop/a', 'mesh']],
    ['{ gateways: [a, x/b] }', false, ['shop/a', 'x/b']],
  ])('%s is for sidecars: %s', (spec, mesh, bound) => {
    expect(appliesToMesh(virtualService(spec))).toBe(mesh);
    expect([...boundTo(virtualService(spec))]).toEqual(bound);
  });

  it.each([
    ['{}', ['shop/a', 'mesh']],
    ['{ match: [] }', ['shop/a', 'mesh']],
    ['{ match: [{ gateways: [mesh] }] }', ['mesh']],
    ['{ match: [{ gateways: [a] }] }', ['shop/a']],
    ['{ match: [{ gateways: [a] }, { port: 80 }] }', ['shop/a', 'mesh']],
    ['{ match: [{ gateways: [a] }, { gateways: [mesh] }] }', ['shop/a', 'mesh']],
  ])('limits its rule %s to %o', (rule, expected) => {
    expect([...ruleBoundTo(virtualService(`{ gateways: [mesh, a], http: [${rule}] }`), ['spec', 'http', 0])]).toEqual(expected);
  });

  it('has the hosts that are names', () => {
    expect(hostsOf(virtualService('{ hosts: [a, "", 7, "*.b"] }'))).toEqual([
      { value: 'a', path: ['spec', 'hosts', 0] },
      { value: '*.b', path: ['spec', 'hosts', 3] },
    ]);
  });

  it.each([
    ['[]', ['shop']],
    ['["*"]', ['shop']],
    ['["~"]', ['shop']],
    ['["."]', ['shop']],
    ['[web, lab]', ['web', 'lab']],
  ])('with exportTo %s is judged for %o', (exportTo, expected) => {
    expect(viewersOf(virtualService(`{ exportTo: ${exportTo} }`), setFrom('').derive(meshConfig))).toEqual(expected);
  });
});
