/** Whether a namespace's own Sidecar finds any sidecar to configure. */
import { injection } from '../../mesh/istio/injection.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { policyTargets } from '../../mesh/istio/policy-targets.ts';
import type { Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';

/** @param sidecar one without a workload selector */
export function isForAmbientOnly(sidecar: Resource, resources: ResourceSet): boolean {
  // In the root namespace it is the default of all other namespaces, which may well use sidecars.
  if (sidecar.namespace === resources.derive(meshConfig).rootNamespace) return false;
  if (resources.derive(injection).namespaceDataplane(sidecar.namespace, sidecar.cluster) !== 'ambient') return false;
  // Single pods of an ambient namespace may still ask for a sidecar.
  const targets = resources.derive(policyTargets);
  return !targets.selectedBy({}, sidecar.namespace).some((target) => targets.dataplane(target) === 'sidecar');
}
