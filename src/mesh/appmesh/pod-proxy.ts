import type { PodProxy } from '../../model/mesh-adapter.ts';
import type { Resource } from '../../model/resource.ts';
import { podProxy } from '../checks/sidecars.ts';
import { appmeshMesh } from './sidecar-mesh.ts';

export const ADMIN_PORT = 9_901;

export const proxyOf = (pod: Resource): PodProxy | undefined => podProxy(pod, appmeshMesh.isSidecar, ADMIN_PORT);
