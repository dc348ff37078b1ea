import type { Rule } from '../../model/rule.ts';
import { ANNOTATED_KINDS, placedAnnotations } from './_placed.ts';

const INJECT = 'sidecar.istio.io/inject';

/** The webhooks select pods by label; the annotation of the same name is read only once a webhook was called. */
export const annotationCurrent: Rule = {
  meta: {
    id: 'istio-annotation/annotation-current',
    aliases: ['IST0135'],
    analyzers: ['annotations.K8sAnalyzer'],
    severity: 'warning',
    summary: 'No object carries an annotation that Istio has deprecated.',
    why: 'A later version of Istio may no longer read it, and the upgrade then silently changes what the mesh does.',
    inputs: ANNOTATED_KINDS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0135/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: Pod
metadata:
  name: reviews
  namespace: shop
  annotations:
    sidecar.istio.io/inject: "true"
spec:
  containers: [{ name: reviews, image: shop/reviews }]
`,
    good: `
apiVersion: v1
kind: Pod
metadata:
  name: reviews
  namespace: shop
  labels:
    sidecar.istio.io/inject: "true"
spec:
  containers: [{ name: reviews, image: shop/reviews }]
`,
    differs: 'A warning instead of a note; pod templates and all workload kinds are looked at.',
  },
  *check(resources) {
    for (const { resource, name, path, labels, definition } of resources.derive(placedAnnotations)) {
      if (definition?.deprecated === undefined) continue;
      // Both forms together keep older control planes served.
      if (name === INJECT && INJECT in labels) continue;
      yield {
        at: resource,
        path,
        part: 'key',
        message: `Annotation "${name}" is deprecated, and a later version of Istio may ignore it.`,
        fix: definition.deprecated
          ? `Use ${definition.deprecated} instead.`
          : 'Remove it once nothing needs it; Istio names no replacement.',
      };
    }
  },
};
