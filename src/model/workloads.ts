/**
 * Pods and the templates that make pods, as one list. In files a Deployment usually stands where a
 * cluster has Pods, so whoever asks "does this selector match any pod" asks here.
 */
import { numberAt, objectAt, stringMapAt } from './body.ts';
import { labelsMatch } from './labels.ts';
import { getOrInsert, groupBy, groupByEach } from './maps.ts';
import type { Body, FieldPath, Kind, Resource } from './resource.ts';
import type { Derivation, ResourceSet } from './resource-set.ts';

/** Where each kind keeps its pod. A Pod is its own. */
const POD_PATHS: ReadonlyMap<Kind, FieldPath> = new Map<Kind, FieldPath>([
  ['core/Pod', []],
  ['apps/Deployment', ['spec', 'template']],
  ['apps/StatefulSet', ['spec', 'template']],
  ['apps/DaemonSet', ['spec', 'template']],
  ['apps/ReplicaSet', ['spec', 'template']],
  ['core/ReplicationController', ['spec', 'template']],
  ['batch/Job', ['spec', 'template']],
  ['batch/CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
  ['argoproj.io/Rollout', ['spec', 'template']],
]);

/** Every kind that is or makes pods. */
export const WORKLOAD_KINDS: readonly Kind[] = [...POD_PATHS.keys()];

/** Path of the pod inside an object of the kind; undefined for kinds that make none. */
export function podPathOf(kind: Kind): FieldPath | undefined {
  return POD_PATHS.get(kind);
}

export interface Workload {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
  /** Labels and annotations that its pods carry. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The pod's `spec`. */
  readonly podSpec: Body;
  /** Path of the pod inside the resource; empty for a Pod. */
  readonly podPath: FieldPath;
  readonly isPod: boolean;
  /** `spec.replicas`; undefined when it is not set or the kind has none. */
  readonly replicas: number | undefined;
}

export interface Workloads {
  readonly all: readonly Workload[];
  inNamespace(namespace: string): readonly Workload[];
  /** Workloads whose pods carry every entry of the selector; an empty selector selects all. */
  selectedBy(selector: Readonly<Record<string, string>>, namespace?: string): readonly Workload[];
}

function toWorkload(resource: Resource): Workload {
  const podPath = POD_PATHS.get(resource.kind) ?? [];
  const pod = objectAt(resource.body, ...podPath);
  return {
    resource,
    namespace: resource.namespace,
    name: resource.name,
    labels: stringMapAt(pod, 'metadata', 'labels'),
    annotations: stringMapAt(pod, 'metadata', 'annotations'),
    podSpec: objectAt(pod, 'spec'),
    podPath,
    isPod: podPath.length === 0,
    replicas: numberAt(resource.body, 'spec', 'replicas'),
  };
}

/** `app=web` → the workloads that carry it; selectors then scan only the rarest of their entries. */
function byLabel(workloads: readonly Workload[]): ReadonlyMap<string, readonly Workload[]> {
  return groupByEach(workloads, ({ labels }) => Object.entries(labels).map(([key, value]) => `${key}=${value}`));
}

export const workloads: Derivation<Workloads> = {
  name: 'workloads',
  build(resources: ResourceSet): Workloads {
    const all = WORKLOAD_KINDS.flatMap((kind) => resources.all(kind).map(toWorkload));
    const namespaces = groupBy(all, (workload) => workload.namespace);
    const everywhere = byLabel(all);
    const perNamespace = new Map<string, ReadonlyMap<string, readonly Workload[]>>();
    const indexFor = (namespace: string | undefined): ReadonlyMap<string, readonly Workload[]> =>
      namespace === undefined ? everywhere : getOrInsert(perNamespace, namespace, () => byLabel(namespaces.get(namespace) ?? []));
    return {
      all,
      inNamespace: (namespace) => namespaces.get(namespace) ?? [],
      selectedBy(selector, namespace) {
        const entries = Object.entries(selector);
        if (entries.length === 0) return namespace === undefined ? all : (namespaces.get(namespace) ?? []);
        const index = indexFor(namespace);
        const [rarest = [], ...rest] = entries
          .map(([key, value]) => index.get(`${key}=${value}`) ?? [])
          .sort((left, right) => left.length - right.length);
        return rest.length === 0 ? rarest : rarest.filter((workload) => labelsMatch(selector, workload.labels));
      },
    };
  },
};
