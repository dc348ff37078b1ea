/** What a description is about, put together once for all of its sections. */
import type { Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import type { Subject } from '../../../model/subject.ts';
import type { Workload } from '../../../model/workloads.ts';
import { servicesFor } from '../../describe/common.ts';
import { SERVICE } from '../kinds.ts';

export interface Scene {
  readonly target: Resource;
  readonly isService: boolean;
  /** One pod that stands for all, or the template of pods; undefined for a service without any. */
  readonly workload: Workload | undefined;
  readonly workloads: readonly Workload[];
  /** Services that lead to it. */
  readonly services: readonly Resource[];
  readonly resources: ResourceSet;
}

export function sceneOf({ target, workloads }: Subject, resources: ResourceSet): Scene {
  const [workload] = workloads;
  const isService = target.kind === SERVICE;
  const selecting = workload ? servicesFor(workload.namespace, workload.labels, resources) : [];
  return { target, isService, workload, workloads, services: isService ? [target] : selecting, resources };
}
