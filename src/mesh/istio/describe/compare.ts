/** Where the configuration and an Envoy do not agree, or Envoy itself is not well. */
import type { Trouble } from '../../../model/describe.ts';
import type { Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import type { Workload } from '../../../model/workloads.ts';
import type { EnvoyConfig } from '../envoy-answers.ts';
import type { RegistryEntry } from '../registry.ts';
import { certificateTroubles } from './compare-certificates.ts';
import { emptyClusterTroubles } from './compare-endpoints.ts';
import { mutualTlsTroubles } from './compare-mutual-tls.ts';
import { goneTroubles } from './compare-origins.ts';
import { policyTroubles } from './compare-policies.ts';
import { refusedTroubles } from './compare-refused.ts';
import { routeTroubles } from './compare-routes.ts';
import { subsetTroubles } from './compare-subsets.ts';

export interface AskedEnvoy {
  readonly pod: Resource;
  readonly workload: Workload;
  readonly config: EnvoyConfig;
  readonly resources: ResourceSet;
  readonly kind: 'sidecar' | 'gateway' | 'waypoint';
  /** Gateways whose servers the proxy serves. */
  readonly gateways: readonly Resource[];
  /** The Gateway that the waypoint was made for. */
  readonly waypoint?: Resource | undefined;
  /** Of a service only what concerns itself; undefined: all that the proxy has. */
  readonly only: readonly RegistryEntry[] | undefined;
  readonly now: number;
}

export function envoyTroubles(asked: AskedEnvoy): readonly Trouble[] {
  return [
    ...refusedTroubles(asked),
    ...certificateTroubles(asked),
    ...routeTroubles(asked),
    ...goneTroubles(asked),
    ...subsetTroubles(asked),
    // Policies and the mode of connections are matters of the pods, wherever they were asked about.
    ...policyTroubles(asked),
    ...mutualTlsTroubles(asked),
    ...emptyClusterTroubles(asked),
  ];
}
