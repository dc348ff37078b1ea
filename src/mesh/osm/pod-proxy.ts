import type { PodProxy } from '../../model/mesh-adapter.ts';
import type { Resource } from '../../model/resource.ts';
import { podProxy } from '../checks/sidecars.ts';
import { osmMesh } from './sidecar-mesh.ts';

export const ADMIN_PORT = 15_000;

export const proxyOf = (pod: Resource): PodProxy | undefined => podProxy(pod, osmMesh.isSidecar, ADMIN_PORT);
