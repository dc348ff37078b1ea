import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { injectionDecision } from '../checks/injection-decision.ts';
import { planeVersion } from '../checks/sidecar-mesh.ts';
import { envoyProxies } from '../proxies/envoy-proxies.ts';
import { envoyTap } from '../proxies/envoy-tap.ts';
import { analyzedOsm } from './analyzed.ts';
import { checks } from './checks/index.ts';
import { inject } from './inject.ts';
import { ADMIN_PORT, proxyOf } from './pod-proxy.ts';
import { osmRates } from './rates.ts';
import { osmMesh } from './sidecar-mesh.ts';

export const osm: MeshAdapter = {
  ...analyzedOsm,
  title: 'Open Service Mesh',
  docs: 'https://docs.openservicemesh.io/',
  checks,
  proxyOf,
  tap: envoyTap({ mesh: 'osm', proxyOf, logHint: 'OSM has its sidecars log requests by default; look at the MeshConfig.' }),
  rates: osmRates,
  proxies: (facts, question) => envoyProxies({ mesh: osmMesh, checks, adminPort: ADMIN_PORT, typeOf: () => 'sidecar' }, facts, question),
  decides: injectionDecision(osmMesh),
  version: (facts) => planeVersion(osmMesh, facts),
  inject,
};
