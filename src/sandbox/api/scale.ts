/** The scale subresource: the number of replicas as an object of its own. */
import { at, numberAt, stringAt, stringMapAt } from '../../model/body.ts';
import type { FieldPath } from '../../model/resource.ts';
import type { ServedType } from '../kinds/served-type.ts';
import type { Fields, KubeObject } from '../store/object.ts';
import { badRequest } from './status.ts';

/** `.spec.replicas` as steps; a definition may name no lists. */
const stepsOf = (jsonPath: string): FieldPath => jsonPath.split('.').slice(1);

export function scaleOf({ scale }: ServedType, object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const labels = Object.entries(stringMapAt(object, 'spec', 'selector', 'matchLabels'));
  const selector = labels.map(([key, value]) => `${key}=${value}`).join(',');
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject['metadata'],
    spec: { replicas: numberAt(object, ...stepsOf(scale?.spec ?? '.spec.replicas')) ?? 0 },
    status: {
      replicas: numberAt(object, ...stepsOf(scale?.status ?? '.status.replicas')) ?? 0,
      selector: scale ? (stringAt(object, ...stepsOf(scale.selector ?? '')) ?? '') : selector,
    },
  };
}

/** The object with the replicas that a scale states. */
export function scaled({ scale }: ServedType, object: KubeObject, wanted: unknown): KubeObject {
  const replicas = at(wanted, ['spec', 'replicas']) ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0)
    throw badRequest(`spec.replicas: Invalid value: ${JSON.stringify(replicas)}`);
  const revision = stringAt(wanted, 'metadata', 'resourceVersion') ?? '';
  const changed = withValue(object, stepsOf(scale?.spec ?? '.spec.replicas'), replicas) as KubeObject;
  return { ...changed, metadata: { ...object.metadata, resourceVersion: revision } };
}

function withValue(parent: unknown, [step, ...rest]: FieldPath, value: unknown): unknown {
  if (step === undefined) return value;
  const fields = (parent ?? {}) as Fields;
  return { ...fields, [step]: withValue(fields[step], rest, value) };
}
