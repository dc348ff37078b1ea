/** The control planes of a cluster, found by their labels: their namespaces may have any name. */
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Facts } from '../../model/check.ts';
import { groupBy } from '../../model/maps.ts';
import type { Ref, Resource } from '../../model/resource.ts';
import { type LinkerdConfig, readConfig } from './config.ts';
import { COMPONENT, CONFIG_MAP, CONTROL_PLANE_NS, DEPLOYMENT, POD } from './kinds.ts';
import { tagOf } from './versions.ts';

/** Without one of these proxies get no endpoints, no certificates, or do not come to be. */
export const COMPONENTS = ['destination', 'identity', 'proxy-injector'] as const;
type Component = (typeof COMPONENTS)[number];

export interface ControlPlane {
  readonly namespace: string;
  readonly deployments: ReadonlyMap<Component, Resource>;
}

const isComponent = (name: string | undefined): name is Component => COMPONENTS.some((component) => component === name);

export async function controlPlanes(facts: Facts): Promise<readonly ControlPlane[]> {
  const parts = (await facts.list(DEPLOYMENT)).filter(({ labels }) => isComponent(labels[COMPONENT]));
  return [...groupBy(parts, ({ namespace }) => namespace)].map(([namespace, deployments]) => ({
    namespace,
    deployments: new Map(deployments.map((deployment) => [deployment.labels[COMPONENT] as Component, deployment])),
  }));
}

/** Pods of the control plane that are to run all the time. */
export async function controlPlanePods(facts: Facts, { namespace }: ControlPlane): Promise<readonly Resource[]> {
  return (await facts.list(POD)).filter((pod) => pod.namespace === namespace && isComponent(pod.labels[COMPONENT]));
}

export const configRef = ({ namespace }: Pick<ControlPlane, 'namespace'>): Ref => ({
  kind: CONFIG_MAP,
  namespace,
  name: 'linkerd-config',
});

export async function configOf(facts: Facts, plane: ControlPlane): Promise<LinkerdConfig | undefined> {
  return readConfig(await facts.get(configRef(plane)));
}

/** A control plane, and the values that it was installed with. */
export interface ConfiguredPlane {
  readonly plane: ControlPlane;
  readonly config: LinkerdConfig;
}

/** Those whose values can be read. */
export async function configuredPlanes(facts: Facts): Promise<readonly ConfiguredPlane[]> {
  const found = await Promise.all((await controlPlanes(facts)).map(async (plane) => ({ plane, config: await configOf(facts, plane) })));
  return found.flatMap(({ plane, config }) => (config ? [{ plane, config }] : []));
}

/** The one that a meshed pod belongs to. A single control plane is everybody's. */
export function planeOf<T extends { readonly plane: ControlPlane }>(pod: Resource, planes: readonly T[]): T | undefined {
  return planes.length === 1 ? planes[0] : planes.find(({ plane }) => plane.namespace === pod.labels[CONTROL_PLANE_NS]);
}

/** As the label of a Deployment tells, or the image of its own container. */
export function versionOfComponent(deployment: Resource): string | undefined {
  const own = itemsAt(deployment.body, 'spec', 'template', 'spec', 'containers').find(({ item }) => item['name'] !== 'linkerd-proxy');
  return deployment.labels['app.kubernetes.io/version'] || tagOf(stringAt(own?.item, 'image') ?? '');
}

/** Versions that the parts of the control planes have. */
export async function planeVersions(facts: Facts): Promise<ReadonlySet<string>> {
  const deployments = (await controlPlanes(facts)).flatMap((plane) => [...plane.deployments.values()]);
  return new Set(deployments.flatMap((deployment) => versionOfComponent(deployment) ?? []));
}
