import type { Rule } from '../../model/rule.ts';
import { EMPTY_SUBSET_KINDS, emptySubsets } from './_empty-subsets.ts';

/** Subsets for versions to come are common, and do no harm before a route chooses them. */
export const subsetSelectsWorkloads: Rule = {
  meta: {
    id: 'istio-destination/subset-selects-workloads',
    aliases: ['IST0173'],
    analyzers: ['destinationrule.SubsetSelectPodAnalyzer'],
    severity: 'info',
    summary: 'Every subset of a DestinationRule that no route chooses selects some workload of its host.',
    why: 'No route chooses the subset yet; requests of one that does will get 503, because the subset has no endpoint.',
    inputs: EMPTY_SUBSET_KINDS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0173/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  subsets:
    - name: v1
      labels: { version: v1 }
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
    differs:
      'Subsets that routes choose have a rule of their own, an error. Only endpoints of the host count: pods that the Service selects in its namespace, WorkloadEntries, and the endpoints of a ServiceEntry. Templates count as well as pods, whatever their replicas. Labels of a place are not judged without Nodes, and those of the cluster or network never.',
  },
  *check(resources) {
    for (const { routed, problem, otherVersions } of resources.derive(emptySubsets)) {
      if (routed.length > 0) continue;
      // Subsets list the versions that there may be, and files the version that is deployed with them.
      yield otherVersions ? { ...problem, absent: otherVersions } : problem;
    }
  },
};
