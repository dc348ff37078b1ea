/** Kuma, and Kong Mesh, which is Kuma under another name. */
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Facts } from '../../model/check.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import { corePlanes, type SidecarMesh } from '../checks/sidecar-mesh.ts';

const INJECTION = 'kuma.io/sidecar-injection';
export const SIDECAR = 'kuma-sidecar';

const CONTROL_PLANES: readonly (string | undefined)[] = ['kuma-control-plane', 'kong-mesh-control-plane'];
const CNIS: readonly (string | undefined)[] = ['kuma-cni', 'kong-mesh-cni'];

export const isControlPlane = ({ labels }: Resource): boolean => CONTROL_PLANES.includes(labels['app']);
export const isCni = ({ labels }: Resource): boolean => CNIS.includes(labels['app']);

/** Labels of pods that the injector passes over unless it is told otherwise. */
const EXCEPTIONS: readonly string[] = ['openshift.io/build.name', 'openshift.io/deployer-pod-for.name'];

const isOn = (value: string | undefined): boolean => value === 'enabled' || value === 'true';

/** A label that says no on the pod wins over its namespace. */
const isOff = (value: string | undefined): boolean => value === 'disabled' || value === 'false';

export const kumaMesh: SidecarMesh = {
  id: 'kuma',
  title: 'Kuma',
  docs: {
    install: 'https://kuma.io/docs/latest/production/cp-deployment/single-zone/',
    injection: 'https://kuma.io/docs/latest/production/dp-config/dpp-on-kubernetes/',
    proxies: 'https://kuma.io/docs/latest/production/dp-config/dpp-on-kubernetes/',
  },
  // Helm leaves the namespace of the control plane behind, with this label.
  evidence: { groups: ['kuma.io'], keys: ['kuma.io/', 'k8s.kuma.io/'], unrelated: ['kuma.io/system-namespace'] },
  isCore: isControlPlane,
  isPart: isControlPlane,
  sign: 'labelled "app=kuma-control-plane"',
  isWebhook: (name) => name.endsWith('.kuma.io'),
  webhookServer: {
    name: 'the control plane',
    hint: 'The chart writes the bundle from the Secret that the control plane serves with: upgrade the release, or let cert-manager inject it, and restart the control plane.',
  },
  isSidecar: (container) => container['name'] === SIDECAR,
  marks: ({ labels }) => isOn(labels[INJECTION]),
  spared: async (facts) => {
    const planes = await corePlanes(kumaMesh, facts);
    return planes.every((plane) => modeOf(plane) === 'global') ? 'The control plane is global: its zones inject pods.' : undefined;
  },
  injects: async () => (pod) => !isOff(pod.labels[INJECTION]) && !EXCEPTIONS.some((key) => pod.labels[key] !== undefined),
};

/** `zone`, `global`, or before the modes were so named `standalone`. */
export function modeOf(deployment: Resource): string {
  return environmentOf(deployment)('KUMA_MODE') ?? 'zone';
}

/**
 * Objects about proxies that the run is about. A global control plane keeps copies of those of all zones in its own
 * namespace, and their pods run elsewhere.
 */
export async function ofThisCluster(facts: Facts, kind: Kind): Promise<readonly Resource[]> {
  const globals = (await corePlanes(kumaMesh, facts)).filter((plane) => modeOf(plane) === 'global');
  return (await facts.scoped(kind)).filter(({ namespace }) => !globals.some((plane) => plane.namespace === namespace));
}

/** Reads variables of the control plane's container. */
export function environmentOf({ body }: Resource): (name: string) => string | undefined {
  const variables = itemsAt(body, 'spec', 'template', 'spec', 'containers').flatMap(({ item }) => itemsAt(item, 'env'));
  return (name) => stringAt(variables.find(({ item }) => item['name'] === name)?.item, 'value');
}
