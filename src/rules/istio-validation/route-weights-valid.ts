import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { itemsAt, numberAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';

export const routeWeightsValid: Rule = {
  meta: {
    id: 'istio-validation/route-weights-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'error',
    summary: 'The weights of several destinations are not negative, and not all zero.',
    why: 'Istiod refuses the VirtualService, so that its routes never take effect.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRouteDestination',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews, subset: v1 }
        - destination: { host: reviews, subset: v2 }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews, subset: v1 }
          weight: 90
        - destination: { host: reviews, subset: v2 }
          weight: 10
`,
  },
  check: judging(VIRTUAL_SERVICE, function* ({ body }): Iterable<Flaw> {
    for (const protocol of ['http', 'tls', 'tcp']) {
      for (const rule of itemsAt(body, 'spec', protocol)) {
        const routes = itemsAt(rule.item, 'route');
        const weights = routes.map(({ item }) => numberAt(item, 'weight') ?? 0);
        for (const [index, weight] of weights.entries()) {
          if (weight >= 0) continue;
          yield {
            path: [...rule.path, 'route', index, 'weight'],
            message: `Weight ${weight} is negative.`,
            fix: 'Write a weight of 0 or more.',
          };
        }
        if (routes.length < 2 || weights.reduce((sum, weight) => sum + weight, 0) !== 0) continue;
        yield {
          path: [...rule.path, 'route'],
          part: 'key',
          message: `The weights of ${routes.length} destinations add up to 0, so none of them could be chosen.`,
          fix: 'Give each destination a weight; a missing one counts as 0.',
        };
      }
    }
  }),
};
