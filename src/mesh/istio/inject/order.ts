/** The order of containers, which is the order in which they start. */
import type { Body } from '../../../model/resource.ts';
import {
  CORE_DUMP,
  type ContainerList,
  containersOf,
  hasContainer,
  INIT,
  isNamed,
  type Pod,
  PROXY,
  VALIDATION,
  withContainers,
} from './pod.ts';

/** @param holds the application waits for the proxy */
export function ordered(pod: Pod, holds: boolean): Pod {
  // `kubectl exec` goes to the first container, which shall be the application's.
  const moved = move(pod, 'containers', PROXY, holds ? 'first' : 'last');
  if (hasContainer(moved, 'initContainers', PROXY)) {
    // Behind a native sidecar the other init containers take part in the mesh.
    return [CORE_DUMP, PROXY, VALIDATION, INIT].reduce((result, name) => move(result, 'initContainers', name, 'first'), moved);
  }
  // Once traffic is redirected, and no proxy runs yet, init containers reach nothing.
  const checked = move(moved, 'initContainers', VALIDATION, 'first');
  return [INIT, CORE_DUMP].reduce((result, name) => move(result, 'initContainers', name, 'last'), checked);
}

function move(pod: Pod, list: ContainerList, name: string, to: 'first' | 'last'): Pod {
  const containers = containersOf(pod, list);
  const found = containers.findLast(isNamed(name));
  if (!found) return pod;
  const others: readonly Body[] = containers.filter((container) => !isNamed(name)(container));
  return withContainers(pod, list, to === 'first' ? [found, ...others] : [...others, found]);
}
