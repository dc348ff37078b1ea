import { INJECT, NAMESPACE_INJECTION } from '../../mesh/istio/injection.ts';
import { NAMESPACE } from '../../mesh/istio/kinds.ts';
import { REVISION_LABEL } from '../../mesh/istio/webhooks.ts';
import { has } from '../../model/body.ts';
import type { FieldEdit } from '../../model/field-edit.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Rule } from '../../model/rule.ts';
import { ANNOTATED_KINDS, type PlacedAnnotation, placedAnnotations } from './_placed.ts';

const INTERFACES = 'traffic.sidecar.istio.io/kubevirtInterfaces';
const REROUTED = 'istio.io/reroute-virtual-interfaces';

/** The webhooks select pods by label; the annotation of the same name is read only once a webhook was called. */
export const annotationCurrent: Rule = {
  meta: {
    id: 'istio-annotation/annotation-current',
    aliases: ['IST0135'],
    analyzers: ['annotations.K8sAnalyzer'],
    severity: 'warning',
    fixable: true,
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
    for (const annotation of resources.derive(placedAnnotations)) {
      const { resource, name, path, labels, definition } = annotation;
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
        edits: replacement(annotation, resources),
      };
    }
  },
};

/** Successors that take the same value. The others are settings inside a YAML text, where they may meet what stands there. */
function replacement(annotation: PlacedAnnotation, resources: ResourceSet): readonly FieldEdit[] | undefined {
  const { name, path } = annotation;
  const metadata = path.slice(0, -2);
  if (name === INJECT && hasSameEffectAsLabel(annotation, resources)) return [{ is: 'move', path, to: [...metadata, 'labels', name] }];
  if (name === INTERFACES && !has(annotation.resource.body, ...metadata, 'annotations', REROUTED))
    return [{ is: 'move', path, to: [...metadata, 'annotations', REROUTED] }];
  return undefined;
}

/**
 * Webhooks compare the label with `true` and `false`. One takes pods that are labelled `true` in a
 * namespace without a label for injection, where the annotation has no effect.
 */
function hasSameEffectAsLabel({ resource, value, carrier }: PlacedAnnotation, resources: ResourceSet): boolean {
  if (carrier !== 'Pod' || value !== 'true') return carrier === 'Pod' && value === 'false';
  const namespace = resources.get(NAMESPACE, '', resource.namespace);
  return namespace === undefined || [NAMESPACE_INJECTION, REVISION_LABEL].some((label) => label in namespace.labels);
}
