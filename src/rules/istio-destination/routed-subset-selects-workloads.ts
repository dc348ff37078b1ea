import type { Rule } from '../../model/rule.ts';
import { quotedList } from '../../text/words.ts';
import { EMPTY_SUBSET_KINDS, emptySubsets } from './_empty-subsets.ts';

export const routedSubsetSelectsWorkloads: Rule = {
  meta: {
    id: 'istio-destination/routed-subset-selects-workloads',
    aliases: ['IST0173'],
    analyzers: ['destinationrule.SubsetSelectPodAnalyzer'],
    severity: 'error',
    summary: 'Every subset that a route chooses selects some workload of its host.',
    why: 'Requests routed to the subset get 503, because it has no endpoint.',
    inputs: EMPTY_SUBSET_KINDS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0173/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews, subset: v2 }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  subsets:
    - name: v2
      labels: { version: v2 }
---
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  selector: { app: reviews }
  ports: [{ name: http, port: 9080 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: reviews-v1, namespace: shop }
spec:
  template:
    metadata: { labels: { app: reviews, version: v1 } }
    spec: { containers: [{ name: reviews, image: reviews:1.0 }] }
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
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  subsets:
    - name: v1
      labels: { version: v1 }
---
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  selector: { app: reviews }
  ports: [{ name: http, port: 9080 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: reviews-v1, namespace: shop }
spec:
  template:
    metadata: { labels: { app: reviews, version: v1 } }
    spec: { containers: [{ name: reviews, image: reviews:1.0 }] }
`,
    differs: 'Subsets that no route chooses have a rule of their own, and are no error. Endpoints are found as there.',
  },
  *check(resources) {
    for (const { routed, problem } of resources.derive(emptySubsets)) {
      if (routed.length === 0) continue;
      const names = quotedList([...new Set(routed.map(({ name }) => name))]);
      yield {
        ...problem,
        message: `${problem.message} Requests that VirtualService ${names} sends there get 503.`,
        related: routed,
      };
    }
  },
};
