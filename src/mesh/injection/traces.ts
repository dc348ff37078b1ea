/** Taking a proxy out of a workload. */
import { itemsAt, listAt, stringAt } from '../../model/body.ts';
import type { InjectOutcome, InjectReason, InjectRequest } from '../../model/inject.ts';
import type { Body, FieldPath } from '../../model/resource.ts';
import { isEqual } from '../../text/equal.ts';
import { withValue } from './edit.ts';
import { withoutMarks } from './marks.ts';

/** What an injection leaves on a workload. */
export interface Traces {
  /** By names of containers, of either list. */
  isContainer(name: string): boolean;
  isVolume(name: string): boolean;
  isLabel(key: string, value: string): boolean;
  isAnnotation(key: string, value: string): boolean;
}

/** The object without containers and volumes of the proxy, nor what mounts them. */
export function withoutContainers(object: Body, template: FieldPath, traces: Pick<Traces, 'isContainer' | 'isVolume'>): Body {
  const spec = [...template, 'spec'];
  const unmounted = withoutMounts(object, spec, traces.isVolume);
  const lists = { containers: traces.isContainer, initContainers: traces.isContainer, volumes: traces.isVolume };
  return Object.entries(lists).reduce((result: Body, [list, isTrace]) => withoutNamed(result, [...spec, list], isTrace), unmounted);
}

/** The object without labels and annotations of the injection, on itself and on its pods. */
export function withoutMetadata(object: Body, template: FieldPath, traces: Pick<Traces, 'isLabel' | 'isAnnotation'>): Body {
  const owners = template.length === 0 ? [template] : [template, []];
  return owners.reduce(
    (result: Body, owner) => withoutMarks(withoutMarks(result, owner, 'labels', traces.isLabel), owner, 'annotations', traces.isAnnotation),
    object,
  );
}

/** The outcome of an uninjection that makes `after` of the object. */
export function uninjected({ object }: InjectRequest, after: Body, reasons: readonly InjectReason[]): InjectOutcome {
  return isEqual(object, after)
    ? { action: 'unchanged', reasons: [...reasons, { code: 'not-injected', message: 'It has nothing of the mesh in it.' }] }
    : { action: 'uninjected', reasons, object: after };
}

/** The object with the list at the path less those that are traces; a list that becomes empty goes. */
function withoutNamed(object: Body, path: FieldPath, isTrace: (name: string) => boolean): Body {
  const items = listAt(object, ...path);
  const kept = items.filter((item) => !isTrace(stringAt(item, 'name') ?? ''));
  if (kept.length === items.length) return object;
  return withValue(object, path, kept.length === 0 ? undefined : kept);
}

function withoutMounts(object: Body, spec: FieldPath, isVolume: (name: string) => boolean): Body {
  const isTouched = (container: unknown): container is Body =>
    itemsAt(container, 'volumeMounts').some(({ item }) => isVolume(stringAt(item, 'name') ?? ''));
  return ['containers', 'initContainers'].reduce((result: Body, list) => {
    const containers = listAt(result, ...spec, list);
    if (!containers.some(isTouched)) return result;
    return withValue(
      result,
      [...spec, list],
      containers.map((container) => (isTouched(container) ? withoutNamed(container, ['volumeMounts'], isVolume) : container)),
    );
  }, object);
}
