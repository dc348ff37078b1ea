import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { hostsOf } from '../../mesh/istio/virtual-service.ts';
import { at, has, itemsAt, stringAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';

export const virtualServiceHasHosts: Rule = {
  meta: {
    id: 'istio-routing/virtual-service-has-hosts',
    aliases: [],
    severity: 'error',
    summary: 'Every VirtualService has hosts, or another one delegates to it.',
    why: 'Without hosts no request is ever compared with its routes: it has no effect, except as the delegate of another VirtualService.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  http:
    - timeout: 2s
      route:
        - destination: { host: reviews }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: storefront, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [ingress/public]
  http:
    - match:
        - uri: { prefix: /reviews }
      delegate: { name: reviews }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  http:
    - timeout: 2s
      route:
        - destination: { host: reviews }
`,
  },
  *check(resources) {
    const routes = resources.all(VIRTUAL_SERVICE);
    const delegates = new Set(routes.flatMap(delegatesOf));
    for (const route of routes) {
      if (hostsOf(route).length > 0) continue;
      // What is no list is refused as a whole, and "host" is told to be no field.
      const written = at(route.body, ['spec', 'hosts']);
      if (has(route.body, 'spec', 'host')) continue;
      if (written !== undefined && written !== null && !Array.isArray(written)) continue;
      if (delegates.has(`${route.namespace}/${route.name}`)) continue;
      yield {
        at: route,
        path: has(route.body, 'spec', 'hosts') ? ['spec', 'hosts'] : ['spec'],
        part: 'key',
        message: 'The VirtualService has no hosts, and no other VirtualService delegates to it, so it has no effect.',
        fix: 'Add the hosts whose requests it is to route.',
      };
    }
  },
};

/** `namespace/name` of the VirtualServices that this one delegates to. */
function delegatesOf(route: Resource): readonly string[] {
  return itemsAt(route.body, 'spec', 'http').flatMap(({ item }) => {
    const name = stringAt(item, 'delegate', 'name');
    return name ? [`${stringAt(item, 'delegate', 'namespace') || route.namespace}/${name}`] : [];
  });
}
