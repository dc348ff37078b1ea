/** Every check of Linkerd, by category, each behind those that it needs. */
import type { Check } from '../../../model/check.ts';
import { askedProxyChecks } from './asked-proxies.ts';
import { cniChecks } from './cni.ts';
import { controlPlaneChecks } from './control-plane.ts';
import { controlPlaneObjectChecks } from './control-plane-objects.ts';
import { dataPlaneChecks } from './data-plane.ts';
import { identityChecks } from './identity.ts';
import { linkChecks } from './links.ts';
import { mirrorChecks } from './mirrors.ts';
import { networkChecks } from './networks.ts';
import { opaquePortsAgree } from './opaque-ports.ts';
import { placementChecks } from './placement.ts';
import { inboundPoliciesKnown } from './policy.ts';
import { postureChecks } from './posture.ts';
import { prerequisiteChecks } from './prerequisites.ts';
import { versionChecks } from './versions.ts';
import { vizChecks } from './viz.ts';
import { vizMetricsChecks } from './viz-metrics.ts';
import { webhookChecks } from './webhooks.ts';

const ORDER = [
  'kubernetes',
  'control-plane',
  'injection',
  'certificates',
  'versions',
  'data-plane',
  'configuration',
  'extensions',
  'posture',
];

const all: readonly Check[] = [
  ...prerequisiteChecks,
  ...controlPlaneChecks,
  ...controlPlaneObjectChecks,
  ...cniChecks,
  ...webhookChecks,
  ...identityChecks,
  ...versionChecks,
  ...dataPlaneChecks,
  ...askedProxyChecks,
  ...networkChecks,
  ...placementChecks,
  opaquePortsAgree,
  inboundPoliciesKnown,
  ...vizChecks,
  ...vizMetricsChecks,
  ...linkChecks,
  ...mirrorChecks,
  ...postureChecks,
];

export const checks: readonly Check[] = ORDER.flatMap((category) => all.filter((check) => check.category === category));
