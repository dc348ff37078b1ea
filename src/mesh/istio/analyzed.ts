import type { AnalyzedMesh } from '../../model/mesh-adapter.ts';
import { showsEvidence } from '../evidence.ts';
import { acrossClusters } from './across-clusters.ts';
import { assumedIstioObjects } from './assumed.ts';
import { liveReads } from './live-reads.ts';
import { revisions } from './revisions.ts';

export const analyzedIstio: AnalyzedMesh = {
  id: 'istio',
  detect: (resources) =>
    showsEvidence(resources, {
      groups: ['.istio.io'],
      keys: ['istio-injection', 'istio.io/', 'sidecar.istio.io/', 'networking.istio.io/', 'ambient.istio.io/', 'traffic.sidecar.istio.io/'],
    }),
  assumed: assumedIstioObjects,
  liveReads,
  acrossClusters,
  revisions,
};
