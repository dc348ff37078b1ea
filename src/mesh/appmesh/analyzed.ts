import type { AnalyzedMesh } from '../../model/mesh-adapter.ts';
import { DEPLOYMENT } from '../checks/sidecar-mesh.ts';
import { showsEvidence } from '../evidence.ts';
import { appmeshMesh, isController } from './sidecar-mesh.ts';

export const analyzedAppmesh: AnalyzedMesh = {
  id: 'appmesh',
  detect: (resources) => showsEvidence(resources, appmeshMesh.evidence) || resources.all(DEPLOYMENT).some(isController),
};
