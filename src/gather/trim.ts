/**
 * What is dropped of live objects as their pages arrive, so that a large cluster fits in memory: the big parts that
 * nothing reads. `cluster/` has already dropped managed fields and what kubectl applied last.
 */
import { isBody } from '../model/body.ts';
import type { Kind, Resource } from '../model/resource.ts';

/** Steps to a field; `*` is every item of a list, or every entry of a mapping. */
type Dropped = readonly string[];

const OF_CONTAINERS: readonly Dropped[] = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) => [
  ['spec', list, '*', 'volumeMounts'],
  ['spec', list, '*', 'volumeDevices'],
]);

const DROPPED: ReadonlyMap<Kind, readonly Dropped[]> = new Map<Kind, readonly Dropped[]>([
  // The schemas are most of a definition.
  ['apiextensions.k8s.io/CustomResourceDefinition', [['spec', 'versions', '*', 'schema']]],
  [
    'core/Pod',
    [['spec', 'volumes'], ['spec', 'tolerations'], ['spec', 'affinity'], ['spec', 'topologySpreadConstraints'], ...OF_CONTAINERS],
  ],
  // Up to fifty images, each with several names.
  [
    'core/Node',
    [
      ['status', 'images'],
      ['status', 'volumesInUse'],
      ['status', 'volumesAttached'],
    ],
  ],
]);

/** The object without what nothing reads; the object itself when that is nothing. */
export function trimmed(resource: Resource): Resource {
  const fields = DROPPED.get(resource.kind) ?? [];
  const body = fields.reduce<unknown>(without, resource.body);
  return body === resource.body || !isBody(body) ? resource : { ...resource, body };
}

/** A ConfigMap that holds only the given keys: next to a mesh's configuration lie dashboards of a megabyte. */
export function withKeysOnly(resource: Resource, keys: ReadonlySet<string>): Resource {
  const { data, binaryData: _, ...rest } = resource.body;
  if (!isBody(data)) return resource;
  return { ...resource, body: { ...rest, data: Object.fromEntries(Object.entries(data).filter(([key]) => keys.has(key))) } };
}

function without(value: unknown, [step, ...rest]: Dropped): unknown {
  if (step === undefined) return value;
  if (Array.isArray(value)) return step === '*' ? value.map((item) => without(item, rest)) : value;
  if (!isBody(value) || !Object.hasOwn(value, step)) return value;
  const { [step]: found, ...others } = value;
  if (rest.length === 0) return others;
  const left = without(found, rest);
  return left === found ? value : { ...value, [step]: left };
}
