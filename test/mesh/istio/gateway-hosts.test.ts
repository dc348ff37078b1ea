import { expect, it } from 'vitest';
import { findGateway, hostsServedTo } from '../../../src/mesh/istio/gateway-hosts.ts';
import { GATEWAY, KUBERNETES_GATEWAY } from '../../../src/mesh/istio/kinds.ts';
import { setFrom } from '../../builders.ts';

const resources = setFrom(`
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: ingress }
spec:
  servers:
    - { hosts: [a.com, "*/b.com", ./c.com, shop/d.com] }
    - { hosts: ["~/e.com", 7] }
    - {}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: ingress }
spec: { listeners: [] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: ingress }
spec:
  listeners: [{ hostname: "*.a.com" }, {}, { hostname: "" }]
`);

it.each([
  ['ingress', ['a.com', 'b.com', 'c.com']],
  ['shop', ['a.com', 'b.com', 'd.com']],
  ['web', ['a.com', 'b.com']],
])('a gateway serves to namespace %s the hosts %o', (namespace, expected) => {
  const gateway = findGateway(resources, 'ingress', 'public');
  expect(gateway?.kind).toBe(GATEWAY);
  expect(gateway && hostsServedTo(gateway, namespace)).toEqual(expected);
});

it('a gateway of the Gateway API serves all hosts where a listener names none', () => {
  const gateway = findGateway(resources, 'ingress', 'edge');
  expect(gateway?.kind).toBe(KUBERNETES_GATEWAY);
  expect(gateway && hostsServedTo(gateway, 'shop')).toEqual(['*.a.com', '*', '*']);
});

it('a gateway is found in its own namespace only', () => {
  expect(findGateway(resources, 'shop', 'public')).toBeUndefined();
});
