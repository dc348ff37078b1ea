import { itemsAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import type { Workload } from '../../model/workloads.ts';
import { ANNOTATED_KINDS, placedAnnotations } from './_placed.ts';

/** The injector writes these on every pod that Istio's CNI plugin, not an init container, redirects. */
const WRITTEN_FOR_CNI: ReadonlySet<string> = new Set([
  'sidecar.istio.io/interceptionMode',
  'traffic.sidecar.istio.io/includeInboundPorts',
  'traffic.sidecar.istio.io/excludeInboundPorts',
  'traffic.sidecar.istio.io/includeOutboundIPRanges',
]);

/** Most of Istio's annotations are in their alpha phase; istioctl speaks of it before an upgrade only (`x precheck`). */
export const annotationStable: Rule = {
  meta: {
    id: 'istio-annotation/annotation-stable',
    aliases: ['IST0136'],
    analyzers: ['annotations.AlphaAnalyzer'],
    severity: 'info',
    summary: 'No object carries an annotation of a feature in its alpha phase.',
    why: 'Istio may change or drop an alpha feature in any release, without a period of deprecation.',
    inputs: ANNOTATED_KINDS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0136/',
    since: '0.1.0',
    bad: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: reviews, namespace: shop }
spec:
  template:
    metadata:
      labels: { app: reviews }
      annotations:
        sidecar.istio.io/logLevel: debug
    spec:
      containers: [{ name: reviews, image: shop/reviews }]
`,
    good: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: reviews, namespace: shop }
spec:
  template:
    metadata:
      labels: { app: reviews }
      annotations:
        proxy.istio.io/config: "concurrency: 2"
    spec:
      containers: [{ name: reviews, image: shop/reviews }]
`,
    differs: 'Pod templates and all workload kinds are looked at, not only Pods and Deployments.',
  },
  *check(resources) {
    for (const { resource, name, value, path, workload, definition } of resources.derive(placedAnnotations)) {
      if (definition?.status !== 'alpha') continue;
      // The only way to have a gateway injected, and that of Istio's own charts.
      if (name === 'inject.istio.io/templates' && value === 'gateway') continue;
      if (workload?.isPod && WRITTEN_FOR_CNI.has(name) && !hasInitContainer(workload)) continue;
      yield {
        at: resource,
        path,
        part: 'key',
        message: `Annotation "${name}" belongs to a feature in its alpha phase, which may change or go in any release.`,
        fix: 'Read the upgrade notes for it before you change the version of Istio, or do without it.',
      };
    }
  },
};

function hasInitContainer(workload: Workload): boolean {
  return itemsAt(workload.podSpec, 'initContainers').some(({ item }) => item['name'] === 'istio-init');
}
