import type { MeshAdapter, PodProxy } from '../../model/mesh-adapter.ts';
import type { Resource } from '../../model/resource.ts';
import { injectionDecision } from '../checks/injection-decision.ts';
import { DEPLOYMENT, planeVersion } from '../checks/sidecar-mesh.ts';
import { podProxy } from '../checks/sidecars.ts';
import { showsEvidence } from '../evidence.ts';
import { envoyTap } from '../proxies/envoy-tap.ts';
import { checks } from './checks/index.ts';
import { postureChecks } from './checks/posture.ts';
import { DESCRIBE_KINDS, describe } from './describe.ts';
import { inject } from './inject/index.ts';
import { install } from './install.ts';
import { intended } from './intended.ts';
import { isMeshed } from './membership.ts';
import { AUTHZ_KINDS, authorize } from './policy/index.ts';
import { proxies } from './proxy-status.ts';
import { isControlPlane, kumaMesh } from './sidecar-mesh.ts';

const proxyOf = (pod: Resource): PodProxy | undefined => podProxy(pod, kumaMesh.isSidecar, 9_901);

export const kuma: MeshAdapter = {
  id: 'kuma',
  title: 'Kuma',
  docs: 'https://kuma.io/docs/',
  detect: (resources) => showsEvidence(resources, kumaMesh.evidence) || resources.all(DEPLOYMENT).some(isControlPlane),
  checks: [...checks, ...postureChecks],
  proxyOf,
  tap: envoyTap({ mesh: 'kuma', proxyOf, logHint: 'Add a MeshAccessLog with a file backend /dev/stdout for the workload.' }),
  proxies,
  intended,
  describe: { kinds: DESCRIBE_KINDS, tell: describe },
  hasIdentity: isMeshed,
  authz: { kinds: AUTHZ_KINDS, tell: authorize },
  install,
  decides: injectionDecision(kumaMesh),
  inject,
  version: (facts) => planeVersion(kumaMesh, facts),
};
