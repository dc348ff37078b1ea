/** How Linkerd is run: the checklist of its documentation for production, each with the objects that fall short. */
import type { Check } from '../../../model/check.ts';
import { availabilityPosture } from '../../checks/posture/availability.ts';
import { containerPosture } from '../../checks/posture/control-plane-containers.ts';
import { exposurePosture } from '../../checks/posture/exposure.ts';
import { metricsPosture } from '../../checks/posture/metrics.ts';
import { proxiedWorkloads } from '../../checks/posture/proxied-workloads.ts';
import { proxyPosture } from '../../checks/posture/proxies.ts';
import { DEPLOYMENT, type PostureTraits } from '../../checks/posture/traits.ts';
import { controlPlaneDeployments } from './posture/control-planes.ts';
import {
  dashboardGuarded,
  initUnprivileged,
  injectionEnforced,
  issuerRotated,
  metricsKept,
  systemPodsUnaffected,
} from './posture/operation.ts';
import { egressRestricted, inboundAuthenticated, logLevelsQuiet, PROXY, serversAuthorized } from './posture/policy.ts';

const traits: PostureTraits = {
  mesh: 'linkerd',
  title: 'Linkerd',
  proxy: PROXY,
  workloads: (facts) => proxiedWorkloads(facts, PROXY),
  proxyResources:
    'Set "proxy.resources", or the annotations "config.linkerd.io/proxy-cpu-request", "config.linkerd.io/proxy-memory-request" and "config.linkerd.io/proxy-memory-limit", and restart the workloads.',
  highAvailability: 'Install the control plane with the values of "values-ha.yaml", which bring three replicas and PodDisruptionBudgets.',
  nodeAgent: 'Install the chart "linkerd2-cni", set "cniEnabled=true" in the values of the control plane, and restart the workloads.',
  docs: 'https://linkerd.io/2/features/ha/',
  controlPlaneKinds: [DEPLOYMENT],
  controlPlane: controlPlaneDeployments,
  adminPorts: {
    4191: 'the administration of a proxy',
    8080: "the identity service's requests for certificates",
    8084: 'the dashboard',
    8085: 'the metrics of the whole mesh',
    8086: 'the discovery of the whole mesh',
    8088: 'the API that taps requests',
    8090: 'the policies of the whole mesh',
    9090: 'Prometheus',
  },
  isOwnService: ({ labels }) => labels['linkerd.io/control-plane-component'] !== undefined || labels['linkerd.io/extension'] === 'viz',
};

export const postureChecks: readonly Check[] = [
  inboundAuthenticated,
  serversAuthorized,
  issuerRotated,
  injectionEnforced,
  systemPodsUnaffected,
  ...exposurePosture(traits),
  dashboardGuarded,
  egressRestricted,
  ...proxyPosture(traits),
  initUnprivileged,
  ...availabilityPosture(traits),
  ...containerPosture(traits),
  ...metricsPosture(traits),
  metricsKept,
  logLevelsQuiet,
];
