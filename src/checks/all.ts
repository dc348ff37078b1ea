/** Every check, in the order in which they are told: Kubernetes itself, the meshes, and their configuration last. */
import type { Check } from '../model/check.ts';
import type { MeshAdapter } from '../model/mesh-adapter.ts';
import { configurationAnalyzed } from './configuration.ts';
import { kubernetesChecks } from './kubernetes.ts';
import { oneMeshPerWorkload } from './several-meshes.ts';

/** @param meshes those that are checked; none: Kubernetes alone */
export function allChecks(meshes: readonly MeshAdapter[]): readonly Check[] {
  return [
    ...kubernetesChecks,
    ...(meshes.length > 1 ? [oneMeshPerWorkload] : []),
    ...meshes.flatMap(({ checks = [] }) => checks),
    ...(meshes.length > 0 ? [configurationAnalyzed] : []),
  ];
}
