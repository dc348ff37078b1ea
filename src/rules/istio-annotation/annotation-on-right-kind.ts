import type { Rule } from '../../model/rule.ts';
import { ANNOTATED_KINDS, isPlacedRight, type PlacedAnnotation, placedAnnotations } from './_placed.ts';

/** The usual mistake is a pod's annotation in the metadata of its Deployment instead of the template's. */
export const annotationOnRightKind: Rule = {
  meta: {
    id: 'istio-annotation/annotation-on-right-kind',
    aliases: ['IST0107'],
    analyzers: ['annotations.K8sAnalyzer'],
    severity: 'warning',
    summary: 'Every Istio annotation stands on an object of a kind where Istio reads it.',
    why: 'Istio does not look for the annotation there, so it has no effect.',
    inputs: ANNOTATED_KINDS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0107/',
    since: '0.1.0',
    bad: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: reviews
  namespace: shop
  annotations:
    sidecar.istio.io/proxyCPU: 200m
spec:
  template:
    metadata:
      labels: { app: reviews }
    spec:
      containers: [{ name: reviews, image: shop/reviews }]
`,
    good: `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: reviews
  namespace: shop
spec:
  template:
    metadata:
      labels: { app: reviews }
      annotations:
        sidecar.istio.io/proxyCPU: 200m
    spec:
      containers: [{ name: reviews, image: shop/reviews }]
`,
    differs: 'Pod templates and all workload kinds are looked at, not only Pods and Deployments.',
  },
  *check(resources) {
    for (const annotation of resources.derive(placedAnnotations)) {
      if (!annotation.definition || isPlacedRight(annotation)) continue;
      const { resource, name, path, carrier } = annotation;
      const { kinds } = annotation.definition;
      yield {
        at: resource,
        path,
        part: 'key',
        message: `Annotation "${name}" has no effect on a ${carrier}; Istio reads it on objects of kind ${kinds.join(' or ')} only.`,
        fix: advice(annotation, kinds),
      };
    }
  },
};

function advice({ name, workload, carrier }: PlacedAnnotation, kinds: readonly string[]): string {
  if (workload && carrier !== 'Pod' && kinds.includes('Pod')) return `Move it to ${workload.podPath.join('.')}.metadata.annotations.`;
  if (carrier === 'Namespace' && name === 'sidecar.istio.io/inject') return 'Set the label "istio-injection" of the namespace instead.';
  if (carrier === 'Namespace' && kinds.includes('Pod')) return 'Move it to the pods, or to the templates that make them.';
  return `Move it to the ${kinds.join(' or ')} that it is about.`;
}
