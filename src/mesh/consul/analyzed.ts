import type { AnalyzedMesh } from '../../model/mesh-adapter.ts';
import { DEPLOYMENT } from '../checks/sidecar-mesh.ts';
import { showsEvidence } from '../evidence.ts';
import { consulMesh, isInjector } from './sidecar-mesh.ts';

export const analyzedConsul: AnalyzedMesh = {
  id: 'consul',
  detect: (resources) => showsEvidence(resources, consulMesh.evidence) || resources.all(DEPLOYMENT).some(isInjector),
};
