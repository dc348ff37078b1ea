/** The port of a pod that a port of a Service leads to. */
import { itemsAt, numberAt, stringAt } from './body.ts';
import type { Body } from './resource.ts';

export interface ContainerPort {
  readonly name: string | undefined;
  readonly containerPort: number | undefined;
  readonly hostPort: number | undefined;
}

/** Ports that the containers of a pod declare, those of native sidecars included. */
export function containerPorts(podSpec: Body): readonly ContainerPort[] {
  return [...itemsAt(podSpec, 'containers'), ...itemsAt(podSpec, 'initContainers')].flatMap((container) =>
    itemsAt(container.item, 'ports').map(({ item }) => ({
      name: stringAt(item, 'name'),
      containerPort: numberAt(item, 'containerPort'),
      hostPort: numberAt(item, 'hostPort'),
    })),
  );
}

/**
 * @param port an item of a Service's `spec.ports`
 * @returns undefined when it is a name that no container of the pod declares
 */
export function targetPort(port: Body, podSpec: Body): number | undefined {
  const name = stringAt(port, 'targetPort');
  if (!name) return numberAt(port, 'targetPort') || numberAt(port, 'port');
  if (/^\d+$/.test(name)) return Number(name);
  return containerPorts(podSpec).find((candidate) => candidate.name === name)?.containerPort;
}
