import { findGateway } from '../../mesh/istio/gateway-hosts.ts';
import { GATEWAY, KUBERNETES_GATEWAY, VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { gatewayKey, gatewaysOf, matchGatewaysOf } from '../../mesh/istio/virtual-service.ts';
import { givenIn } from '../../model/absence.ts';
import { groupBy, lazy } from '../../model/maps.ts';
import type { Rule } from '../../model/rule.ts';
import { isGeneratedGateway } from './_generated-gateways.ts';

export const gatewayExists: Rule = {
  meta: {
    id: 'istio-routing/gateway-exists',
    aliases: ['IST0101', 'KIA1102'],
    analyzers: ['virtualservice.GatewayAnalyzer'],
    severity: 'error',
    summary: 'Every gateway that a VirtualService names exists.',
    why: 'The routes never take effect at a gateway that does not exist, so that its clients get 404.',
    inputs: [VIRTUAL_SERVICE, GATEWAY, KUBERNETES_GATEWAY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService-gateways',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: storefront, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [public]
  http:
    - route:
        - destination: { host: storefront }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: ingress }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: storefront, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [ingress/public]
  http:
    - route:
        - destination: { host: storefront }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: ingress }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
`,
    differs:
      'Gateways that single matches are limited to are checked too, and "./name" and the old form "name.namespace.svc.cluster.local" are read as istiod reads them.',
  },
  *check(resources) {
    const byName = lazy(() => groupBy([...resources.all(GATEWAY), ...resources.all(KUBERNETES_GATEWAY)], ({ name }) => name));
    for (const route of resources.all(VIRTUAL_SERVICE)) {
      const bound = gatewaysOf(route);
      // A gateway that is listed above needs no second word where a match repeats it.
      const listed = new Set(bound.map(gatewayKey));
      for (const gateway of [...bound, ...matchGatewaysOf(route).filter((reference) => !listed.has(gatewayKey(reference)))]) {
        if (isGeneratedGateway(gateway) || findGateway(resources, gateway.namespace, gateway.name)) continue;
        const [meant, ...others] = byName().get(gateway.name) ?? [];
        yield {
          at: route,
          path: gateway.path,
          message: `Gateway "${gateway.written}" was not found${gateway.written === gatewayKey(gateway) ? '' : ` (looked for "${gatewayKey(gateway)}")`}.`,
          fix:
            meant && others.length === 0
              ? `Did you mean "${meant.namespace}/${meant.name}"?`
              : 'Create the gateway, or name an existing one as "namespace/name".',
          absent: givenIn(resources, [GATEWAY, KUBERNETES_GATEWAY], gateway.namespace),
        };
      }
    }
  },
};
