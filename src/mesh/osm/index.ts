import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { injectionDecision } from '../checks/injection-decision.ts';
import { DEPLOYMENT, planeVersion } from '../checks/sidecar-mesh.ts';
import { showsEvidence } from '../evidence.ts';
import { envoyProxies } from '../proxies/envoy-proxies.ts';
import { envoyTap } from '../proxies/envoy-tap.ts';
import { checks } from './checks/index.ts';
import { inject } from './inject.ts';
import { ADMIN_PORT, proxyOf } from './pod-proxy.ts';
import { osmRates } from './rates.ts';
import { isController, osmMesh } from './sidecar-mesh.ts';

export const osm: MeshAdapter = {
  id: 'osm',
  title: 'Open Service Mesh',
  docs: 'https://docs.openservicemesh.io/',
  detect: (resources) => showsEvidence(resources, osmMesh.evidence) || resources.all(DEPLOYMENT).some(isController),
  checks,
  proxyOf,
  tap: envoyTap({ mesh: 'osm', proxyOf, logHint: 'OSM has its sidecars log requests by default; look at the MeshConfig.' }),
  rates: osmRates,
  proxies: (facts, question) => envoyProxies({ mesh: osmMesh, checks, adminPort: ADMIN_PORT, typeOf: () => 'sidecar' }, facts, question),
  decides: injectionDecision(osmMesh),
  version: (facts) => planeVersion(osmMesh, facts),
  inject,
};
