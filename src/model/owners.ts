/** Who made an object, as its controller notes on it. */
import { itemsAt, stringAt } from './body.ts';
import { type Kind, kindOf, type Resource } from './resource.ts';
import type { ResourceSet } from './resource-set.ts';
import { WORKLOAD_KINDS } from './workloads.ts';

export interface Owner {
  readonly kind: Kind;
  /** Owners are of the object's own namespace. */
  readonly name: string;
  /** False for one that the object only goes down with. */
  readonly controls: boolean;
}

export function ownersOf({ body }: Resource): readonly Owner[] {
  return itemsAt(body, 'metadata', 'ownerReferences').map(({ item }) => ({
    kind: kindOf(stringAt(item, 'apiVersion') ?? '', stringAt(item, 'kind') ?? ''),
    name: stringAt(item, 'name') ?? '',
    controls: item['controller'] === true,
  }));
}

/** What stands between a workload and its pods, and who makes it, naming it after itself: `web-5d8c` is of `web`. */
const MAKERS: ReadonlyMap<Kind, Kind> = new Map<Kind, Kind>([
  ['apps/ReplicaSet', 'apps/Deployment'],
  ['batch/Job', 'batch/CronJob'],
]);

/** The workload of the input that made the object. What is read from a cluster leaves out the ReplicaSets between a Deployment and its pods. */
export function makerOf(resource: Resource, resources: ResourceSet): Resource | undefined {
  const owner = ownersOf(resource).find(({ kind }) => WORKLOAD_KINDS.includes(kind));
  if (!owner) return undefined;
  const { kind, name } = owner;
  const maker = MAKERS.get(kind);
  return (
    resources.get(kind, resource.namespace, name) ??
    (maker && resources.get(maker, resource.namespace, name.slice(0, Math.max(0, name.lastIndexOf('-')))))
  );
}
