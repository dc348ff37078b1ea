import type { AnalyzedMesh } from '../../model/mesh-adapter.ts';
import { DEPLOYMENT } from '../checks/sidecar-mesh.ts';
import { showsEvidence } from '../evidence.ts';
import { isControlPlane, kumaMesh } from './sidecar-mesh.ts';

export const analyzedKuma: AnalyzedMesh = {
  id: 'kuma',
  detect: (resources) => showsEvidence(resources, kumaMesh.evidence) || resources.all(DEPLOYMENT).some(isControlPlane),
};
