/** Whether pods take part in the mesh as they are, not as they would be if they were created now. */
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Workload } from '../../model/workloads.ts';
import { type Dataplane, hasProxy, injection, isCapturedByZtunnel } from './injection.ts';

/** A pod that runs shows what it has; templates, and pods of files, get what the injector decides. */
export function dataplaneOf(workload: Workload, resources: ResourceSet): Dataplane {
  if (!workload.isPod || workload.resource.origin) return resources.derive(injection).dataplane(workload);
  if (hasProxy(workload)) return 'sidecar';
  return isCapturedByZtunnel(workload) ? 'ambient' : 'none';
}
