/** A Pod or a pod template while it is worked on, and what is looked up in it. */
import { isBody, itemsAt, stringAt, stringMapAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';

export interface Pod {
  readonly metadata: Body;
  readonly spec: Body;
}

export type ContainerList = 'containers' | 'initContainers';

export const PROXY = 'istio-proxy';
export const INIT = 'istio-init';
export const VALIDATION = 'istio-validation';
export const CORE_DUMP = 'enable-core-dump';

export const podOf = (body: unknown): Pod => ({
  metadata: isBody(body) && isBody(body['metadata']) ? body['metadata'] : {},
  spec: isBody(body) && isBody(body['spec']) ? body['spec'] : {},
});

export const annotationsOf = ({ metadata }: Pod): Readonly<Record<string, string>> => stringMapAt(metadata, 'annotations');

export const labelsOf = ({ metadata }: Pod): Readonly<Record<string, string>> => stringMapAt(metadata, 'labels');

export const containersOf = ({ spec }: Pod, list: ContainerList): readonly Body[] => itemsAt(spec, list).map(({ item }) => item);

export const nameOf = (container: Body): string => stringAt(container, 'name') ?? '';

export const isNamed =
  (name: string) =>
  (container: Body): boolean =>
    nameOf(container) === name;

export const hasContainer = (pod: Pod, list: ContainerList, name: string): boolean => containersOf(pod, list).some(isNamed(name));

/** The proxy, a sidecar of whatever kind. */
export const proxyOf = (pod: Pod): Body | undefined =>
  containersOf(pod, 'containers').find(isNamed(PROXY)) ?? containersOf(pod, 'initContainers').find(isNamed(PROXY));

/** The pod with other containers; an empty list is left out where there was none. */
export function withContainers(pod: Pod, list: ContainerList, containers: readonly Body[]): Pod {
  const { [list]: own, ...rest } = pod.spec;
  if (containers.length === 0 && own === undefined) return pod;
  return { ...pod, spec: containers.length === 0 && list === 'initContainers' ? rest : { ...pod.spec, [list]: containers } };
}

/** The pod with every container of both lists changed. */
export const mapContainers = (pod: Pod, change: (container: Body) => Body): Pod =>
  withContainers(
    withContainers(pod, 'initContainers', containersOf(pod, 'initContainers').map(change)),
    'containers',
    containersOf(pod, 'containers').map(change),
  );

export const mapProxy = (pod: Pod, change: (proxy: Body) => Body): Pod =>
  mapContainers(pod, (container) => (nameOf(container) === PROXY ? change(container) : container));

/** `undefined` takes an entry away; what gets empty is left out. */
export function withTexts(pod: Pod, kind: 'annotations' | 'labels', texts: Readonly<Record<string, string | undefined>>): Pod {
  const all = Object.entries({ ...stringMapAt(pod.metadata, kind), ...texts }).filter(([, value]) => value !== undefined);
  const { [kind]: _, ...rest } = pod.metadata;
  return { ...pod, metadata: all.length === 0 ? rest : { ...pod.metadata, [kind]: Object.fromEntries(all) } };
}

/** Value of an environment variable. */
export const envOf = (container: Body | undefined, name: string): string | undefined =>
  stringAt(itemsAt(container, 'env').find(({ item }) => item['name'] === name)?.item, 'value');

/** The variable at its place, or behind the others. */
export function withEnv(container: Body, name: string, value: string): Body {
  const all = itemsAt(container, 'env').map(({ item }) => item);
  const entry = { name, value };
  const isThere = all.some((item) => item['name'] === name);
  return { ...container, env: isThere ? all.map((item) => (item['name'] === name ? entry : item)) : [...all, entry] };
}
