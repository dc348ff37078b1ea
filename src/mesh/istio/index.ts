import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { showsEvidence } from '../evidence.ts';
import { assumedIstioObjects } from './assumed.ts';
import { liveReads } from './live-reads.ts';

export const istio: MeshAdapter = {
  id: 'istio',
  title: 'Istio',
  docs: 'https://istio.io/latest/docs/',
  detect: (resources) =>
    showsEvidence(resources, {
      groups: ['.istio.io'],
      keys: ['istio-injection', 'istio.io/', 'sidecar.istio.io/', 'networking.istio.io/', 'ambient.istio.io/', 'traffic.sidecar.istio.io/'],
    }),
  assumed: assumedIstioObjects,
  liveReads,
};
