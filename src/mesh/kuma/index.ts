import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { injectionDecision } from '../checks/injection-decision.ts';
import { planeVersion } from '../checks/sidecar-mesh.ts';
import { envoyTap } from '../proxies/envoy-tap.ts';
import { analyzedKuma } from './analyzed.ts';
import { checks } from './checks/index.ts';
import { postureChecks } from './checks/posture.ts';
import { DESCRIBE_KINDS, describe } from './describe.ts';
import { inject } from './inject/index.ts';
import { install } from './install.ts';
import { intended } from './intended.ts';
import { isMeshed } from './membership.ts';
import { proxyOf } from './pod-proxy.ts';
import { AUTHZ_KINDS, authorize } from './policy/index.ts';
import { proxies } from './proxy-status.ts';
import { kumaRates } from './rates.ts';
import { kumaMesh } from './sidecar-mesh.ts';
import { tapFilter } from './tap-filter.ts';

export const kuma: MeshAdapter = {
  ...analyzedKuma,
  title: 'Kuma',
  docs: 'https://kuma.io/docs/',
  checks: [...checks, ...postureChecks],
  proxyOf,
  tap: envoyTap({
    mesh: 'kuma',
    proxyOf,
    change: tapFilter,
    logHint: 'Add a MeshAccessLog with a file backend /dev/stdout for the workload.',
  }),
  rates: kumaRates,
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
