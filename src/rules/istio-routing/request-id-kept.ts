import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { itemsAt, objectAt, stringsAt } from '../../model/body.ts';
import type { FieldPath, Resource } from '../../model/resource.ts';
import type { Problem, Rule } from '../../model/rule.ts';

const REQUEST_ID = 'x-request-id';

/** Envoy's command operators make a value that differs from request to request: `%REQ(X-CORRELATION-ID)%`, `%REQ(X-TRACE-ID):36%`. */
const OPERATOR = /%[A-Z_]+[(:%]/;

export const requestIdKept: Rule = {
  meta: {
    id: 'istio-routing/request-id-kept',
    aliases: [],
    severity: 'warning',
    summary: 'No route replaces the request id.',
    why: 'Proxies give every request an id of its own and join traces and access logs by it. With the same id on all requests, or none, they cannot be told apart.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-request-id',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews }
      headers:
        request:
          set:
            x-request-id: reviews
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews }
      headers:
        request:
          set:
            x-team: reviews
`,
  },
  *check(resources) {
    for (const route of resources.all(VIRTUAL_SERVICE)) {
      for (const rule of itemsAt(route.body, 'spec', 'http')) {
        yield* changes(route, rule.path);
        for (const { path } of itemsAt(rule.item, 'route')) yield* changes(route, [...rule.path, ...path]);
      }
    }
  },
};

/** @param holder path of a rule or of one of its destinations, both of which can change headers */
function* changes(route: Resource, holder: FieldPath): Iterable<Problem> {
  const request = [...holder, 'headers', 'request'];
  for (const operation of ['set', 'add'] as const) {
    for (const [name, value] of Object.entries(objectAt(route.body, ...request, operation))) {
      if (name.toLowerCase() !== REQUEST_ID || typeof value === 'object' || OPERATOR.test(String(value))) continue;
      const effect = operation === 'set' ? `replaces the id of every request by "${value}"` : `adds "${value}" to the id of every request`;
      yield {
        at: route,
        path: [...request, operation, name],
        part: 'key',
        message: `Header "${name}" carries the request id, and this route ${effect}.`,
        fix: 'Use a header of another name.',
      };
    }
  }
  for (const { value, path } of stringsAt(route.body, ...request, 'remove')) {
    if (value.toLowerCase() !== REQUEST_ID) continue;
    yield {
      at: route,
      path,
      message: `Header "${value}" carries the request id, and this route takes it away from every request.`,
      fix: 'Keep the header.',
    };
  }
}
