import { annotationValueProblem } from '../../mesh/istio/annotation-values.ts';
import type { Rule } from '../../model/rule.ts';
import { ANNOTATED_KINDS, isPlacedRight, placedAnnotations } from './_placed.ts';

/** The injector checks these values before it renders its template (`pkg/kube/inject/validate.go`). */
export const annotationValueValid: Rule = {
  meta: {
    id: 'istio-annotation/annotation-value-valid',
    aliases: ['IST0125'],
    analyzers: ['annotations.K8sAnalyzer'],
    severity: 'warning',
    summary: 'Every Istio annotation has a value that Istio can read.',
    why: 'The injection webhook refuses the pods, so the workload gets no new replicas.',
    inputs: ANNOTATED_KINDS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0125/',
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
        traffic.sidecar.istio.io/excludeOutboundPorts: "3306,redis"
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
        traffic.sidecar.istio.io/excludeOutboundPorts: "3306,6379"
    spec:
      containers: [{ name: reviews, image: shop/reviews }]
`,
    differs: 'Pod templates and all workload kinds are looked at, not only Pods.',
  },
  *check(resources) {
    for (const annotation of resources.derive(placedAnnotations)) {
      if (!isPlacedRight(annotation)) continue;
      const { resource, name, value, path } = annotation;
      const found = annotationValueProblem(name, value);
      if (!found) continue;
      yield {
        at: resource,
        path,
        // A block of text has no one line that is its value.
        part: value.includes('\n') ? 'key' : 'value',
        message: `The value of annotation "${name}" is not valid: ${found.problem}.`,
        fix: found.fix,
      };
    }
  },
};
