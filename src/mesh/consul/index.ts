import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { injectionDecision } from '../checks/injection-decision.ts';
import { DEPLOYMENT, planeVersion } from '../checks/sidecar-mesh.ts';
import { podProxy } from '../checks/sidecars.ts';
import { showsEvidence } from '../evidence.ts';
import { checks } from './checks/index.ts';
import { postureChecks } from './checks/posture.ts';
import { inject } from './inject.ts';
import { install } from './install.ts';
import { consulMesh, isInjector } from './sidecar-mesh.ts';

export const consul: MeshAdapter = {
  id: 'consul',
  title: 'Consul',
  docs: 'https://developer.hashicorp.com/consul/docs/k8s',
  detect: (resources) => showsEvidence(resources, consulMesh.evidence) || resources.all(DEPLOYMENT).some(isInjector),
  checks: [...checks, ...postureChecks],
  proxyOf: (pod) => podProxy(pod, consulMesh.isSidecar, 19_000),
  install,
  decides: injectionDecision(consulMesh),
  version: (facts) => planeVersion(consulMesh, facts),
  inject,
};
