import type { PodProxy } from '../../model/mesh-adapter.ts';
import type { Resource } from '../../model/resource.ts';
import { podProxy } from '../checks/sidecars.ts';
import { kumaMesh } from './sidecar-mesh.ts';

export const proxyOf = (pod: Resource): PodProxy | undefined => podProxy(pod, kumaMesh.isSidecar, 9_901);
