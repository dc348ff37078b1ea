import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { injectionDecision } from '../checks/injection-decision.ts';
import { planeVersion } from '../checks/sidecar-mesh.ts';
import { envoyProxies } from '../proxies/envoy-proxies.ts';
import { envoyTap } from '../proxies/envoy-tap.ts';
import { analyzedAppmesh } from './analyzed.ts';
import { checks } from './checks/index.ts';
import { inject } from './inject.ts';
import { ADMIN_PORT, proxyOf } from './pod-proxy.ts';
import { appMeshRates } from './rates.ts';
import { appmeshMesh } from './sidecar-mesh.ts';

export const appmesh: MeshAdapter = {
  ...analyzedAppmesh,
  title: 'AWS App Mesh',
  docs: 'https://docs.aws.amazon.com/app-mesh/',
  checks,
  proxyOf,
  tap: envoyTap({ mesh: 'appmesh', proxyOf, logHint: 'Set logging.accessLog.file.path to /dev/stdout in the VirtualNode.' }),
  rates: appMeshRates,
  proxies: (facts, question) =>
    envoyProxies({ mesh: appmeshMesh, checks, adminPort: ADMIN_PORT, typeOf: () => 'sidecar' }, facts, question),
  decides: injectionDecision(appmeshMesh),
  version: (facts) => planeVersion(appmeshMesh, facts),
  inject,
};
