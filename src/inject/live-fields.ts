/** Fields that the API server sets. An object that was read from a cluster has them, and `kubectl apply` is better off without. */
import { isBody, objectAt, stringAt } from '../model/body.ts';
import type { Body } from '../model/resource.ts';

const SET_BY_SERVER = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
];

/** Written by kubectl and controllers, about the object as it was. */
const NOTES = ['kubectl.kubernetes.io/last-applied-configuration', 'deployment.kubernetes.io/revision'];

/** The object as somebody could have written it; itself when it was never in a cluster. */
export function withoutLiveFields(object: Body): Body {
  if (stringAt(object, 'metadata', 'uid') === undefined && stringAt(object, 'metadata', 'resourceVersion') === undefined) return object;
  const { status: _, ...rest } = object;
  const metadata = without(objectAt(object, 'metadata'), SET_BY_SERVER);
  const { annotations, ...others } = metadata;
  const kept = isBody(annotations) ? without(annotations, NOTES) : {};
  return { ...rest, metadata: Object.keys(kept).length > 0 ? { ...metadata, annotations: kept } : others };
}

function without(entries: Body, names: readonly string[]): Body {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => !names.includes(name)));
}
