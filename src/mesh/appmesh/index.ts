import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { showsEvidence } from '../evidence.ts';

export const appmesh: MeshAdapter = {
  id: 'appmesh',
  title: 'AWS App Mesh',
  docs: 'https://docs.aws.amazon.com/app-mesh/',
  detect: (resources) => showsEvidence(resources, { groups: ['appmesh.k8s.aws'], keys: ['appmesh.k8s.aws/'] }),
};
