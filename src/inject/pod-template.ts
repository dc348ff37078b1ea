/** Where objects that make pods keep their pod template. */
import { at, isBody, listAt } from '../model/body.ts';
import { type Body, type FieldPath, type Kind, kindOf } from '../model/resource.ts';
import { podPathOf } from '../model/workloads.ts';

/** Besides those that the model knows. */
const FURTHER: ReadonlyMap<Kind, FieldPath> = new Map<Kind, FieldPath>([['core/PodTemplate', ['template']]]);

/** What kinds keep at `spec.template` that nobody has heard of: a pod template, if it has containers. */
const USUAL: FieldPath = ['spec', 'template'];

/** Path of the pod template; undefined for what makes no pods. @param object has `apiVersion` and `kind` */
export function templatePathOf(object: Body): FieldPath | undefined {
  const kind = kindOf(String(object['apiVersion']), String(object['kind']));
  const path = podPathOf(kind) ?? FURTHER.get(kind) ?? USUAL;
  const template = at(object, path);
  // `metadata` of a template may be missing, its containers may not.
  const containers = ['containers', 'initContainers'].flatMap((field) => listAt(template, 'spec', field));
  return isBody(template) && containers.length > 0 ? path : undefined;
}
