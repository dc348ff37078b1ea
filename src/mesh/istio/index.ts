import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { envoyTap } from '../proxies/envoy-tap.ts';
import { analyzedIstio } from './analyzed.ts';
import { authorize } from './authz/index.ts';
import { controlPlanes } from './checks/control-plane.ts';
import { checks } from './checks/index.ts';
import { dataplaneOf } from './dataplane.ts';
import { DESCRIBE_COVERS, DESCRIBE_KINDS, describe } from './describe/index.ts';
import { inject } from './inject/index.ts';
import { decides } from './injection-decision.ts';
import { install } from './install.ts';
import { intended } from './intended/index.ts';
import { AUTHZ_KINDS } from './kinds.ts';
import { nodeProxies } from './node-proxies.ts';
import { proxyOf } from './pod-proxy.ts';
import { proxies } from './proxy-status.ts';
import { istioRates } from './rates.ts';
import { tapFilter } from './tap-filter.ts';
import { ztunnelProgram } from './ztunnel-program.ts';

export const istio: MeshAdapter = {
  ...analyzedIstio,
  title: 'Istio',
  docs: 'https://istio.io/latest/docs/',
  checks,
  proxyOf,
  proxies,
  tap: envoyTap({
    mesh: 'istio',
    proxyOf,
    change: tapFilter,
    logHint: 'Set meshConfig.accessLogFile to /dev/stdout, or add a Telemetry with accessLogging for the workload.',
  }),
  rates: istioRates,
  intended,
  proxyPrograms: [ztunnelProgram],
  nodeProxies,
  hasIdentity: (workload, resources) => dataplaneOf(workload, resources) !== 'none',
  describe: { kinds: DESCRIBE_KINDS, covers: DESCRIBE_COVERS, tell: describe },
  authz: { kinds: AUTHZ_KINDS, tell: authorize },
  install,
  decides,
  inject,
  version: async (facts) => {
    const versions = new Set((await controlPlanes(facts)).map(({ versionText }) => versionText));
    return versions.size === 1 ? [...versions][0] : undefined;
  },
};
