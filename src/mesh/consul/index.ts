import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { showsEvidence } from '../evidence.ts';
import { postureChecks } from './checks/posture.ts';

export const consul: MeshAdapter = {
  id: 'consul',
  title: 'Consul',
  docs: 'https://developer.hashicorp.com/consul/docs/k8s',
  detect: (resources) =>
    showsEvidence(resources, {
      groups: ['consul.hashicorp.com', 'mesh.consul.hashicorp.com', 'auth.consul.hashicorp.com'],
      keys: ['consul.hashicorp.com/'],
    }),
  checks: postureChecks,
};
