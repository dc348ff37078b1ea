import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { showsEvidence } from '../evidence.ts';
import { postureChecks } from './checks/posture.ts';

export const kuma: MeshAdapter = {
  id: 'kuma',
  title: 'Kuma',
  docs: 'https://kuma.io/docs/',
  detect: (resources) => showsEvidence(resources, { groups: ['kuma.io'], keys: ['kuma.io/', 'k8s.kuma.io/'] }),
  checks: postureChecks,
};
