import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { injectionDecision } from '../checks/injection-decision.ts';
import { planeVersion } from '../checks/sidecar-mesh.ts';
import { envoyProxies } from '../proxies/envoy-proxies.ts';
import { envoyTap } from '../proxies/envoy-tap.ts';
import { analyzedConsul } from './analyzed.ts';
import { checks } from './checks/index.ts';
import { postureChecks } from './checks/posture.ts';
import { DESCRIBE_KINDS, describe } from './describe.ts';
import { inject } from './inject.ts';
import { install } from './install.ts';
import { ADMIN_PORT, proxyOf } from './pod-proxy.ts';
import { AUTHZ_KINDS, authorize } from './policy/index.ts';
import { isMeshed } from './policy/service.ts';
import { consulRates } from './rates.ts';
import { consulMesh } from './sidecar-mesh.ts';

export const consul: MeshAdapter = {
  ...analyzedConsul,
  title: 'Consul',
  docs: 'https://developer.hashicorp.com/consul/docs/k8s',
  checks: [...checks, ...postureChecks],
  proxyOf,
  tap: envoyTap({ mesh: 'consul', proxyOf, logHint: 'Set accessLogs.enabled to true in the ProxyDefaults named global.' }),
  rates: consulRates,
  proxies: (facts, question) =>
    envoyProxies(
      {
        mesh: consulMesh,
        checks,
        adminPort: ADMIN_PORT,
        typeOf: ({ annotations, labels }) =>
          annotations['consul.hashicorp.com/gateway-kind'] !== undefined || labels['component']?.endsWith('-gateway') === true
            ? 'gateway'
            : 'sidecar',
      },
      facts,
      question,
    ),
  describe: { kinds: DESCRIBE_KINDS, tell: describe },
  hasIdentity: isMeshed,
  authz: { kinds: AUTHZ_KINDS, tell: authorize },
  install,
  decides: injectionDecision(consulMesh),
  version: (facts) => planeVersion(consulMesh, facts),
  inject,
};
