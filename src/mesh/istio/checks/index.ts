/** Every check of Istio, each behind those that it needs. */
import type { Check } from '../../../model/check.ts';
import { controlPlaneExists, controlPlanePodsHealthy, controlPlaneReady } from './control-plane.ts';
import { dataPlaneChecks } from './data-plane.ts';
import { injectionChecks } from './injection.ts';
import { postureChecks } from './posture.ts';

export const checks: readonly Check[] = [
  controlPlaneExists,
  controlPlaneReady,
  controlPlanePodsHealthy,
  ...injectionChecks,
  ...dataPlaneChecks,
  ...postureChecks,
];
