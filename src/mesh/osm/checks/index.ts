/** Every check of Open Service Mesh, each behind those that it needs. */
import type { Check } from '../../../model/check.ts';
import { controlPlaneChecks } from '../../checks/control-plane-checks.ts';
import { dataPlaneChecks } from '../../checks/data-plane-checks.ts';
import { injectionChecks } from '../../checks/injection-checks.ts';
import { osmMesh } from '../sidecar-mesh.ts';
import { authorityValid, maintained, meshConfigExists, namespacesMonitored, versionsAgree } from './control-plane.ts';

export const checks: readonly Check[] = [
  ...controlPlaneChecks(osmMesh),
  meshConfigExists,
  ...injectionChecks(osmMesh),
  namespacesMonitored,
  authorityValid,
  versionsAgree,
  maintained,
  ...dataPlaneChecks(osmMesh),
];
