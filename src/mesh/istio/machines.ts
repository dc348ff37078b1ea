import { stringMapAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import { WORKLOAD_GROUP } from './kinds.ts';

/** Labels of the virtual machine of a WorkloadEntry, or of those to come of a WorkloadGroup: those of the object, which its proxy reports, and those of its endpoint. */
export function machineLabels(resource: Resource): Readonly<Record<string, string>> {
  return resource.kind === WORKLOAD_GROUP
    ? { ...stringMapAt(resource.body, 'spec', 'template', 'labels'), ...stringMapAt(resource.body, 'spec', 'metadata', 'labels') }
    : { ...stringMapAt(resource.body, 'spec', 'labels'), ...resource.labels };
}
