import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { DEPLOYMENT, planeVersion } from '../checks/sidecar-mesh.ts';
import { showsEvidence } from '../evidence.ts';
import { checks } from './checks/index.ts';
import { consulMesh, isInjector } from './sidecar-mesh.ts';

export const consul: MeshAdapter = {
  id: 'consul',
  title: 'Consul',
  docs: 'https://developer.hashicorp.com/consul/docs/k8s',
  detect: (resources) =>
    showsEvidence(resources, {
      groups: consulMesh.groups,
      keys: ['consul.hashicorp.com/'],
      // Services are synced to the catalog of Consul servers that no mesh belongs to, and servers are restarted by their checksum.
      unrelated: [
        'consul.hashicorp.com/config-checksum',
        'consul.hashicorp.com/service-name',
        'consul.hashicorp.com/service-port',
        'consul.hashicorp.com/service-sync',
        'consul.hashicorp.com/service-tags',
      ],
    }) || resources.all(DEPLOYMENT).some(isInjector),
  checks,
  version: (facts) => planeVersion(consulMesh, facts),
};
