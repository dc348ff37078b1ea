/** How Kuma is run: what its documentation for production asks for, each with the objects that fall short. */
import { has, itemsAt, objectAt, stringAt } from '../../../model/body.ts';
import type { Affected, Check } from '../../../model/check.ts';
import type { Kind, Resource } from '../../../model/resource.ts';
import { count } from '../../../text/words.ts';
import { availabilityPosture } from '../../checks/posture/availability.ts';
import { containerPosture } from '../../checks/posture/control-plane-containers.ts';
import { exposurePosture } from '../../checks/posture/exposure.ts';
import { metricsPosture } from '../../checks/posture/metrics.ts';
import { proxiedWorkloads } from '../../checks/posture/proxied-workloads.ts';
import { proxyPosture } from '../../checks/posture/proxies.ts';
import { DEPLOYMENT, type PostureTraits, postureCheck } from '../../checks/posture/traits.ts';

const MESH: Kind = 'kuma.io/Mesh';
const MESH_IDENTITY: Kind = 'kuma.io/MeshIdentity';
const MESH_TLS: Kind = 'kuma.io/MeshTLS';
const TRAFFIC_PERMISSION: Kind = 'kuma.io/TrafficPermission';
const MESH_TRAFFIC_PERMISSION: Kind = 'kuma.io/MeshTrafficPermission';

const PROXY = 'kuma-sidecar';
/** Of Kuma, and of Kong Mesh, which is built on it. */
const CONTROL_PLANE = /^(?:kuma|kong-mesh)-control-plane$/;
const isControlPlane = ({ labels }: Resource): boolean => CONTROL_PLANE.test(labels['app'] ?? '');

const traits: PostureTraits = {
  mesh: 'kuma',
  title: 'Kuma',
  proxy: PROXY,
  workloads: (facts) => proxiedWorkloads(facts, PROXY),
  proxyResources:
    'Set "KUMA_RUNTIME_KUBERNETES_INJECTOR_SIDECAR_CONTAINER_RESOURCES_…" of the control plane, or a ContainerPatch, and restart the workloads.',
  highAvailability:
    'Set "controlPlane.autoscaling.enabled=true" with "controlPlane.autoscaling.minReplicas=2" or "controlPlane.replicas=2", and "controlPlane.podDisruptionBudget.enabled=true".',
  nodeAgent: 'Install with "cni.enabled=true", and restart the workloads.',
  docs: 'https://kuma.io/docs/latest/production/',
  controlPlaneKinds: [DEPLOYMENT],
  controlPlane: async (facts) => (await facts.list(DEPLOYMENT)).filter(isControlPlane),
  adminPorts: {
    5443: 'the admission webhooks',
    5678: "the proxies' configuration",
    5680: 'diagnostics',
    5681: 'the HTTP API in plaintext',
    9901: "Envoy's administration",
  },
  isOwnService: isControlPlane,
};

const mtlsEnabled: Check = postureCheck({
  id: 'kuma/posture-mtls-strict',
  title: 'Every Mesh demands mutual TLS.',
  why: 'Without it proxies have no identity: requests travel in plaintext, and no permission is enforced.',
  docs: 'https://kuma.io/docs/latest/policies/mutual-tls/',
  reads: [MESH, MESH_IDENTITY, MESH_TLS],
  run: async (facts) => {
    const meshes = await facts.list(MESH);
    const identities = await facts.list(MESH_IDENTITY);
    const lenient = (await facts.list(MESH_TLS)).filter(isPermissive);
    const affected: readonly Affected[] = [
      ...meshes.flatMap((resource): readonly Affected[] => {
        const detail = plaintextIn(resource, identities);
        return detail === undefined ? [] : [{ resource, detail }];
      }),
      ...lenient.map((resource) => ({ resource, detail: 'It sets the mode "Permissive", which accepts plaintext.' })),
    ];
    const [first] = affected;
    if (!first) return { is: 'ok', reason: `${meshes.length} of ${meshes.length}.` };
    return {
      is: 'warning',
      reason: 'Plaintext is accepted.',
      hint:
        first.resource.kind === MESH
          ? `Enable a backend in "spec.mtls" of Mesh "${first.resource.name}", or apply a MeshIdentity for it, first with the mode PERMISSIVE and, when every workload has a sidecar, STRICT.`
          : 'Set the mode to "Strict" when every client has a sidecar.',
      affected,
    };
  },
});

/** Of Kuma 3 the identity is an object of its own; until then it is part of the Mesh. */
function plaintextIn(mesh: Resource, identities: readonly Resource[]): string | undefined {
  const backend = stringAt(mesh.body, 'spec', 'mtls', 'enabledBackend') || undefined;
  if (backend === undefined) {
    const isIdentified = identities.some(({ labels }) => (labels['kuma.io/mesh'] ?? 'default') === mesh.name);
    return isIdentified ? undefined : 'It enables no mutual TLS.';
  }
  const enabled = itemsAt(mesh.body, 'spec', 'mtls', 'backends').find(({ item }) => item['name'] === backend)?.item;
  return stringAt(enabled, 'mode')?.toUpperCase() === 'PERMISSIVE'
    ? `Its backend "${backend}" is PERMISSIVE, and accepts plaintext.`
    : undefined;
}

function isPermissive({ body }: Resource): boolean {
  const rules = ['from', 'rules'].flatMap((field) => itemsAt(body, 'spec', field).map(({ item }) => objectAt(item, 'default')));
  return [...rules, objectAt(body, 'spec', 'default')].some((rule) => rule['mode'] === 'Permissive');
}

const permissionsNarrow: Check = postureCheck({
  id: 'kuma/posture-permissions-narrow',
  title: 'No permission lets every workload call every other.',
  why: 'With mutual TLS the mesh refuses what no permission allows; one that allows everything undoes that.',
  docs: 'https://kuma.io/docs/latest/policies/meshtrafficpermission/',
  reads: [TRAFFIC_PERMISSION, MESH_TRAFFIC_PERMISSION],
  run: async (facts) => {
    const policies = [...(await facts.list(MESH_TRAFFIC_PERMISSION)), ...(await facts.list(TRAFFIC_PERMISSION))];
    const affected = policies.filter((policy) => (policy.kind === TRAFFIC_PERMISSION ? allowsAllTags(policy) : allowsWholeMesh(policy)));
    if (affected.length === 0) return { is: 'ok', reason: `${count(policies.length, 'permission')}.` };
    return {
      is: 'warning',
      reason: 'A permission allows everything.',
      hint: 'Apply permissions for the calls that are needed, then delete it.',
      affected: affected.map((resource) => ({ resource })),
    };
  },
});

function allowsWholeMesh({ body }: Resource): boolean {
  const target = objectAt(body, 'spec', 'targetRef');
  if (has(body, 'spec', 'targetRef') && (target['kind'] !== 'Mesh' || has(target, 'tags'))) return false;
  return itemsAt(body, 'spec', 'from').some(
    ({ item }) => (stringAt(item, 'targetRef', 'kind') ?? 'Mesh') === 'Mesh' && stringAt(item, 'default', 'action') === 'Allow',
  );
}

const isAnyService = (selectors: ReturnType<typeof itemsAt>): boolean =>
  selectors.some(({ item }) => {
    const match = objectAt(item, 'match');
    return Object.keys(match).length === 1 && match['kuma.io/service'] === '*';
  });

const allowsAllTags = ({ body }: Resource): boolean =>
  isAnyService(itemsAt(body, 'spec', 'sources')) && isAnyService(itemsAt(body, 'spec', 'destinations'));

export const postureChecks: readonly Check[] = [
  mtlsEnabled,
  permissionsNarrow,
  ...exposurePosture(traits),
  ...proxyPosture(traits),
  ...availabilityPosture(traits),
  ...containerPosture(traits),
  ...metricsPosture(traits),
];
