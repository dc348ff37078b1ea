import { itemsAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Workload } from '../../model/workloads.ts';
import { INJECTION } from './inject/keys.ts';
import { SIDECAR } from './sidecar-mesh.ts';

const hasSidecar = ({ body }: Resource): boolean =>
  ['containers', 'initContainers'].some((field) => itemsAt(body, 'spec', field).some(({ item }) => item['name'] === SIDECAR));

const isOn = (value: string | undefined): boolean => value === 'enabled' || value === 'true';

/** A pod that runs has a proxy or not; a template gets one when its label, or that of its namespace, asks for it. */
export function isMeshed(workload: Workload, resources: ResourceSet): boolean {
  if (workload.isPod && hasSidecar(workload.resource)) return true;
  if (workload.isPod && workload.resource.origin === undefined) return false;
  return isOn(workload.labels[INJECTION] ?? resources.get('core/Namespace', '', workload.namespace)?.labels[INJECTION]);
}
