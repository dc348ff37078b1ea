/** Every check of Istio, each behind those that it needs. */
import type { Check } from '../../../model/check.ts';
import { ambientChecks, ambientVersionChecks } from './ambient.ts';
import { authorityChecks } from './authority.ts';
import { controlPlaneExists, controlPlanePodsHealthy, controlPlaneReady } from './control-plane.ts';
import { dataPlaneChecks } from './data-plane.ts';
import { gatewayCertificateChecks } from './gateway-certificates.ts';
import { injectionChecks } from './injection.ts';
import { installationChecks } from './installation.ts';
import { controlPlaneAnswers, istiodVersionAsImage } from './istiod-answers.ts';
import { preExistingChecks } from './pre-existing.ts';
import { preObjectChecks, preVersionChecks } from './pre-requirements.ts';
import { proxySyncChecks } from './proxy-sync.ts';
import { injectionRevisionsExist, revisionsDistinct } from './revisions.ts';
import { validationChecks } from './validation.ts';
import { versionChecks } from './versions.ts';
import { waypointChecks } from './waypoints.ts';
import { workloadCertificateChecks } from './workload-certificates.ts';

export const checks: readonly Check[] = [
  ...preObjectChecks,
  ...preExistingChecks,
  ...preVersionChecks,
  controlPlaneExists,
  controlPlaneReady,
  controlPlanePodsHealthy,
  controlPlaneAnswers,
  revisionsDistinct,
  ...installationChecks,
  ...validationChecks,
  ...injectionChecks,
  injectionRevisionsExist,
  ...authorityChecks,
  ...gatewayCertificateChecks,
  ...workloadCertificateChecks,
  ...versionChecks,
  istiodVersionAsImage,
  ...ambientVersionChecks,
  ...dataPlaneChecks,
  ...proxySyncChecks,
  ...ambientChecks,
  ...waypointChecks,
];
