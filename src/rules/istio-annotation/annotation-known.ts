import { annotationNames, isIstioLabel } from '../../mesh/istio/annotations.ts';
import type { Rule } from '../../model/rule.ts';
import { nearest } from '../../text/nearest.ts';
import { ANNOTATED_KINDS, placedAnnotations } from './_placed.ts';

/** A misspelled annotation is silently without effect: Kubernetes stores any name. */
export const annotationKnown: Rule = {
  meta: {
    id: 'istio-annotation/annotation-known',
    aliases: ['IST0108'],
    analyzers: ['annotations.K8sAnalyzer'],
    severity: 'warning',
    summary: "Every annotation in Istio's namespace is one that Istio reads.",
    why: 'An annotation that Istio does not read has no effect, and what it was to change stays as it is.',
    inputs: ANNOTATED_KINDS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0108/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: Service
metadata:
  name: reviews
  namespace: shop
  annotations:
    networking.istio.io/exprotTo: "."
spec:
  ports: [{ name: http, port: 9080 }]
`,
    good: `
apiVersion: v1
kind: Service
metadata:
  name: reviews
  namespace: shop
  annotations:
    networking.istio.io/exportTo: "."
spec:
  ports: [{ name: http, port: 9080 }]
`,
    differs:
      'Pod templates are looked at too, as are all workload kinds; "myistio.io/x" belongs to somebody else; annotations that istiod reads without listing them are known.',
  },
  *check(resources) {
    for (const { resource, name, path, definition } of resources.derive(placedAnnotations)) {
      if (definition) continue;
      yield {
        at: resource,
        path,
        part: 'key',
        message: `Istio reads no annotation "${name}", so it has no effect.`,
        fix: advice(name),
      };
    }
  },
};

function advice(name: string): string {
  if (isIstioLabel(name)) return `"${name}" is a label: move it from annotations to labels.`;
  const meant = namesake(name) ?? nearest(name, annotationNames());
  return meant ? `Did you mean "${meant}"?` : 'Correct its name, or remove it.';
}

/** The annotation of the same last part, for a right name under the wrong prefix. */
function namesake(name: string): string | undefined {
  const last = `/${name.slice(name.indexOf('/') + 1).toLowerCase()}`;
  for (const candidate of annotationNames()) if (candidate.toLowerCase().endsWith(last)) return candidate;
  return undefined;
}
