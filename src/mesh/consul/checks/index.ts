/** Every check of Consul, each behind those that it needs. */
import type { Check } from '../../../model/check.ts';
import { controlPlaneChecks } from '../../checks/control-plane-checks.ts';
import { dataPlaneChecks } from '../../checks/data-plane-checks.ts';
import { versionOfImage } from '../../checks/images.ts';
import { injectionChecks } from '../../checks/injection-checks.ts';
import { versionsCheck } from '../../checks/versions-check.ts';
import { consulMesh, injectorSettings } from '../sidecar-mesh.ts';
import { certificateChecks } from './certificates.ts';
import { entriesSynced } from './configuration.ts';
import { gatewaysReady, serverChecks } from './servers.ts';

const versionsSupported = versionsCheck(consulMesh, {
  docs: 'https://developer.hashicorp.com/consul/docs/k8s/compatibility',
  mostBehind: 2,
  current: async (facts) => versionOfImage((await injectorSettings(facts)).image ?? ''),
});

export const checks: readonly Check[] = [
  ...controlPlaneChecks(consulMesh),
  ...serverChecks,
  ...injectionChecks(consulMesh),
  ...certificateChecks,
  versionsSupported,
  ...dataPlaneChecks(consulMesh),
  gatewaysReady,
  entriesSynced,
];
