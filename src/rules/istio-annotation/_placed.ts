/** Istio's annotations wherever users put them: on namespaces, services, workloads and in pod templates. */

import { type AnnotationDefinition, annotationDefinition, isIstioAnnotation, isManagedAnnotation } from '../../mesh/istio/annotations.ts';
import { KUBERNETES_GATEWAY, NAMESPACE, SERVICE } from '../../mesh/istio/kinds.ts';
import { stringMapAt } from '../../model/body.ts';
import { makerOf, type Owner, ownersOf } from '../../model/owners.ts';
import { type FieldPath, type Kind, type Resource, shortKind } from '../../model/resource.ts';
import type { Derivation, ResourceSet } from '../../model/resource-set.ts';
import { podPathOf, WORKLOAD_KINDS, type Workload, workloads } from '../../model/workloads.ts';

export interface PlacedAnnotation {
  readonly resource: Resource;
  readonly name: string;
  readonly value: string;
  readonly path: FieldPath;
  /** Kind of the object that will carry it: `Pod` for an annotation in a pod template. */
  readonly carrier: string;
  /** The workload on whose own metadata or in whose template it stands. */
  readonly workload?: Workload;
  /** Labels beside the annotation. */
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined when Istio knows no such annotation. */
  readonly definition: AnnotationDefinition | undefined;
}

/** True when Istio reads the annotation on an object of this kind. */
export function isPlacedRight({ definition, carrier }: PlacedAnnotation): boolean {
  return definition !== undefined && (definition.kinds.includes('Any') || definition.kinds.includes(carrier));
}

/** What rules that read `placedAnnotations` declare. */
export const ANNOTATED_KINDS: readonly Kind[] = [NAMESPACE, SERVICE, ...WORKLOAD_KINDS];

export const placedAnnotations: Derivation<readonly PlacedAnnotation[]> = {
  name: 'istio annotations',
  build(resources) {
    const plain = [...resources.all(NAMESPACE), ...resources.all(SERVICE)].flatMap(onObject);
    return [...plain, ...resources.derive(workloads).all.flatMap((workload) => onWorkload(workload, resources))];
  },
};

function onObject(resource: Resource): readonly PlacedAnnotation[] {
  if (controllerOf(resource)?.kind === KUBERNETES_GATEWAY) return [];
  return placed(resource.annotations, { resource, carrier: shortKind(resource.kind), labels: resource.labels, path: ['metadata'] });
}

function onWorkload(workload: Workload, resources: ResourceSet): readonly PlacedAnnotation[] {
  const { resource, podPath } = workload;
  const controller = controllerOf(resource);
  // istiod copies the annotations of a Gateway to all that it makes for it.
  if (controller?.kind === KUBERNETES_GATEWAY) return [];
  const maker = makerOf(resource, resources);
  const inPod = placed(workload.annotations, {
    resource,
    workload,
    carrier: 'Pod',
    labels: workload.labels,
    path: [...podPath, 'metadata'],
  });
  if (workload.isPod) {
    const template = maker ? stringMapAt(maker.body, ...(podPathOf(maker.kind) ?? []), 'metadata', 'annotations') : {};
    return inPod.filter(({ name, value }) => template[name] !== value);
  }
  // What is wrong with a ReplicaSet or a Job is mended in the object that made it.
  if (maker) return [];
  const own = { resource, workload, carrier: shortKind(resource.kind), labels: resource.labels, path: ['metadata'] };
  return [...placed(resource.annotations, own), ...inPod];
}

function controllerOf(resource: Resource): Owner | undefined {
  return ownersOf(resource).find(({ controls }) => controls);
}

function placed(
  annotations: Readonly<Record<string, string>>,
  place: Omit<PlacedAnnotation, 'name' | 'value' | 'definition'>,
): readonly PlacedAnnotation[] {
  return Object.entries(annotations)
    .filter(([name]) => isIstioAnnotation(name) && !isManagedAnnotation(name))
    .map(([name, value]) => ({
      ...place,
      name,
      value,
      path: [...place.path, 'annotations', name],
      definition: annotationDefinition(name),
    }));
}
