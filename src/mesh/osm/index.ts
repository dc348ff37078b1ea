import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { showsEvidence } from '../evidence.ts';

export const osm: MeshAdapter = {
  id: 'osm',
  title: 'Open Service Mesh',
  docs: 'https://docs.openservicemesh.io/',
  detect: (resources) => showsEvidence(resources, { groups: ['.openservicemesh.io'], keys: ['openservicemesh.io/'] }),
};
