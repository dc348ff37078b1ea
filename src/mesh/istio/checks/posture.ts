/** How Istio is run: the checklist of its security and production practices, each with the objects that fall short. */
import { itemsAt } from '../../../model/body.ts';
import type { Check, Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { availabilityPosture } from '../../checks/posture/availability.ts';
import { containerPosture } from '../../checks/posture/control-plane-containers.ts';
import { exposurePosture } from '../../checks/posture/exposure.ts';
import { metricsPosture } from '../../checks/posture/metrics.ts';
import { proxyPosture } from '../../checks/posture/proxies.ts';
import type { PostureTraits } from '../../checks/posture/traits.ts';
import { DEPLOYMENT } from '../kinds.ts';
import { controlPlanes } from './control-plane.ts';
import { authorityPluggedIn, workloadCertificatesShort } from './posture/authority.ts';
import { authorizationNarrow, defaultDeny, tokensRequired } from './posture/authorization.ts';
import { gatewayHostsNamed, gatewayHttpRedirects, gatewayTlsModern } from './posture/gateways.ts';
import { mtlsStrict } from './posture/mutual-tls.ts';
import {
  egressRestricted,
  keyFetchesRestricted,
  logLevelsQuiet,
  proxiesStartFirst,
  unsafeSettingsOff,
  upgradesStaged,
} from './posture/settings.ts';
import { accessLogged, metricsMerged, tracingSampled } from './posture/telemetry.ts';
import { PROXY, proxies } from './posture/workloads.ts';

const traits: PostureTraits = {
  mesh: 'istio',
  title: 'Istio',
  proxy: PROXY,
  workloads: proxies,
  isPlaceholder: (image) => image === 'auto',
  proxyResources:
    'Set "values.global.proxy.resources", or the annotations "sidecar.istio.io/proxyCPU", "sidecar.istio.io/proxyMemory" and "sidecar.istio.io/proxyMemoryLimit", and restart the workloads.',
  highAvailability:
    'Set "autoscaleMin=2" in the values of istiod, and "autoscaling.minReplicas=2" in those of a gateway; their charts then bring a PodDisruptionBudget if "global.defaultPodDisruptionBudget.enabled" or "podDisruptionBudget" says so.',
  nodeAgent: 'Install the chart "cni" of Istio, set "pilot.cni.enabled=true" in the values of istiod, and restart the workloads.',
  docs: 'https://istio.io/latest/docs/ops/best-practices/deployment/',
  controlPlaneKinds: [DEPLOYMENT],
  controlPlane: async (facts) => [...(await controlPlanes(facts)).map(({ deployment }) => deployment), ...(await gateways(facts))],
  adminPorts: {
    15000: "the administration of the gateway's Envoy",
    15004: "istiod's debugging",
    15010: "istiod's configuration in plaintext",
    15014: "istiod's monitoring and debugging",
    15020: "the agent's merged metrics",
    15090: "Envoy's metrics",
  },
  isOwnService: ({ labels, name }) => labels['app'] === 'istiod' || labels['istio'] !== undefined || /^istio/.test(labels['app'] ?? name),
};

/** Deployments of nothing but a proxy. Waypoints, and gateways that istiod makes for Gateway API objects, are among them. */
async function gateways(facts: Facts): Promise<readonly Resource[]> {
  return (await facts.list(DEPLOYMENT)).filter(({ body }) => {
    const containers = itemsAt(body, 'spec', 'template', 'spec', 'containers');
    return containers.length === 1 && containers[0]?.item['name'] === PROXY;
  });
}

export const postureChecks: readonly Check[] = [
  mtlsStrict,
  defaultDeny,
  authorizationNarrow,
  tokensRequired,
  keyFetchesRestricted,
  authorityPluggedIn,
  workloadCertificatesShort,
  gatewayHostsNamed,
  gatewayHttpRedirects,
  gatewayTlsModern,
  ...exposurePosture(traits),
  egressRestricted,
  unsafeSettingsOff,
  ...proxyPosture(traits),
  proxiesStartFirst,
  ...availabilityPosture(traits),
  ...containerPosture(traits),
  upgradesStaged,
  ...metricsPosture(traits),
  metricsMerged,
  tracingSampled,
  accessLogged,
  logLevelsQuiet,
];
