/** The pods of control planes that are not asked: they fare as the API server says. */

import { itemsAt, stringAt } from '../../model/body.ts';
import type { ControlPlaneStatus } from '../../model/proxy-status.ts';
import type { Resource } from '../../model/resource.ts';
import type { MeshId } from '../../model/rule.ts';
import { brokenContainers } from '../checks/pods.ts';

export function planeByPod(mesh: MeshId, pod: Resource, version: string | undefined): ControlPlaneStatus {
  const problem = brokenContainers(pod);
  const { namespace, name } = pod;
  return { mesh, namespace, name, version, reachable: problem === undefined, error: problem };
}

/** Image of the first container. */
export const firstImage = ({ body }: Resource): string => stringAt(itemsAt(body, 'spec', 'containers')[0]?.item, 'image') ?? '';
