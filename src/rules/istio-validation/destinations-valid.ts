import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { destinationFlaws, destinationsOf } from './_destinations.ts';
import { judging } from './_flaws.ts';

export const destinationsValid: Rule = {
  meta: {
    id: 'istio-validation/destinations-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'error',
    summary: 'Destinations of VirtualServices are written as a host, a subset and a port that can exist.',
    why: 'Istiod refuses the VirtualService, so that its routes never take effect.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: "http://reviews" }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews.shop.svc.cluster.local, subset: v2, port: { number: 9080 } }
`,
  },
  check: judging(VIRTUAL_SERVICE, function* ({ body }) {
    for (const destination of destinationsOf(body)) yield* destinationFlaws(destination);
  }),
};
