/** The scale subresource: the number of replicas as an object of its own. */
import { at, numberAt, stringAt, stringMapAt } from '../../model/body.ts';
import type { KubeObject } from '../store/object.ts';
import { badRequest } from './status.ts';

export function scaleOf(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const labels = Object.entries(stringMapAt(object, 'spec', 'selector', 'matchLabels'));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject['metadata'],
    spec: { replicas: numberAt(object, 'spec', 'replicas') ?? 0 },
    status: { replicas: numberAt(object, 'status', 'replicas') ?? 0, selector: labels.map(([key, value]) => `${key}=${value}`).join(',') },
  };
}

/** The object with the replicas that a scale states. */
export function scaled(object: KubeObject, scale: unknown): KubeObject {
  const replicas = at(scale, ['spec', 'replicas']) ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0)
    throw badRequest(`spec.replicas: Invalid value: ${JSON.stringify(replicas)}`);
  const revision = stringAt(scale, 'metadata', 'resourceVersion') ?? '';
  return { ...object, metadata: { ...object.metadata, resourceVersion: revision }, spec: { ...(object['spec'] as object), replicas } };
}
