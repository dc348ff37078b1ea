/** What the status of a pod tells. */
import { has, itemsAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';

/** Completed, failed for good, or being deleted. */
export function isEnded({ body }: Resource): boolean {
  const phase = stringAt(body, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed' || has(body, 'metadata', 'deletionTimestamp');
}

/** Status of the container of that name, native sidecars included. */
export function containerStatus({ body }: Resource, name: string): Body | undefined {
  const statuses = [...itemsAt(body, 'status', 'containerStatuses'), ...itemsAt(body, 'status', 'initContainerStatuses')];
  return statuses.find(({ item }) => item['name'] === name)?.item;
}

/** Why a container is not ready, as a sentence; undefined when it is. */
export function containerProblem(name: string, status: Body | undefined): string | undefined {
  if (status?.['ready'] === true) return undefined;
  const why = stringAt(status, 'state', 'waiting', 'reason') ?? stringAt(status, 'state', 'terminated', 'reason');
  return `Container "${name}" is not ready${why ? ` (${why})` : ''}.`;
}

/** What keeps a pod from being ready, as a sentence; undefined when nothing does. */
export function brokenContainers(pod: Resource): string | undefined {
  const statuses = itemsAt(pod.body, 'status', 'containerStatuses');
  if (statuses.length === 0) return `It is ${stringAt(pod.body, 'status', 'phase') ?? 'Pending'}, and no container has started.`;
  for (const { item } of statuses) {
    const problem = containerProblem(stringAt(item, 'name') ?? '', item);
    if (problem) return problem;
  }
  return undefined;
}

/** Containers that wait for something that has a name, such as CrashLoopBackOff, each as a sentence. */
export function stuckContainers({ body }: Resource): readonly string[] {
  return itemsAt(body, 'status', 'containerStatuses').flatMap(({ item }) => {
    const why = stringAt(item, 'state', 'waiting', 'reason');
    return why === undefined || why === 'ContainerCreating' || why === 'PodInitializing'
      ? []
      : [`Container "${stringAt(item, 'name')}" of its pod is not ready (${why}).`];
  });
}
