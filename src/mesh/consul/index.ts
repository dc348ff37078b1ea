import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { injectionDecision } from '../checks/injection-decision.ts';
import { DEPLOYMENT, planeVersion } from '../checks/sidecar-mesh.ts';
import { podProxy } from '../checks/sidecars.ts';
import { showsEvidence } from '../evidence.ts';
import { envoyProxies } from '../proxies/envoy-proxies.ts';
import { checks } from './checks/index.ts';
import { postureChecks } from './checks/posture.ts';
import { inject } from './inject.ts';
import { install } from './install.ts';
import { consulMesh, isInjector } from './sidecar-mesh.ts';

const ADMIN_PORT = 19_000;

export const consul: MeshAdapter = {
  id: 'consul',
  title: 'Consul',
  docs: 'https://developer.hashicorp.com/consul/docs/k8s',
  detect: (resources) => showsEvidence(resources, consulMesh.evidence) || resources.all(DEPLOYMENT).some(isInjector),
  checks: [...checks, ...postureChecks],
  proxyOf: (pod) => podProxy(pod, consulMesh.isSidecar, ADMIN_PORT),
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
  install,
  decides: injectionDecision(consulMesh),
  version: (facts) => planeVersion(consulMesh, facts),
  inject,
};
