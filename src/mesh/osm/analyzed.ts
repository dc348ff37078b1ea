import type { AnalyzedMesh } from '../../model/mesh-adapter.ts';
import { DEPLOYMENT } from '../checks/sidecar-mesh.ts';
import { showsEvidence } from '../evidence.ts';
import { isController, osmMesh } from './sidecar-mesh.ts';

export const analyzedOsm: AnalyzedMesh = {
  id: 'osm',
  detect: (resources) => showsEvidence(resources, osmMesh.evidence) || resources.all(DEPLOYMENT).some(isController),
};
