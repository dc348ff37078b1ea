import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { injectionDecision } from '../checks/injection-decision.ts';
import { DEPLOYMENT, planeVersion } from '../checks/sidecar-mesh.ts';
import { podProxy } from '../checks/sidecars.ts';
import { showsEvidence } from '../evidence.ts';
import { checks } from './checks/index.ts';
import { postureChecks } from './checks/posture.ts';
import { DESCRIBE_KINDS, describe } from './describe.ts';
import { inject } from './inject.ts';
import { install } from './install.ts';
import { AUTHZ_KINDS, authorize } from './policy/index.ts';
import { isMeshed } from './policy/service.ts';
import { consulMesh, isInjector } from './sidecar-mesh.ts';

export const consul: MeshAdapter = {
  id: 'consul',
  title: 'Consul',
  docs: 'https://developer.hashicorp.com/consul/docs/k8s',
  detect: (resources) => showsEvidence(resources, consulMesh.evidence) || resources.all(DEPLOYMENT).some(isInjector),
  checks: [...checks, ...postureChecks],
  proxyOf: (pod) => podProxy(pod, consulMesh.isSidecar, 19_000),
  describe: { kinds: DESCRIBE_KINDS, tell: describe },
  hasIdentity: isMeshed,
  authz: { kinds: AUTHZ_KINDS, tell: authorize },
  install,
  decides: injectionDecision(consulMesh),
  version: (facts) => planeVersion(consulMesh, facts),
  inject,
};
