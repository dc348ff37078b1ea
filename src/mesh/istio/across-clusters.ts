/**
 * Clusters of one mesh. istiod takes services and workloads from all of them, and configuration from its own only.
 * @see https://istio.io/latest/docs/ops/deployment/deployment-models/#multiple-clusters
 */
import { stringAt } from '../../model/body.ts';
import type { AcrossClusters } from '../../model/mesh-adapter.ts';
import { WORKLOAD_KINDS } from '../../model/workloads.ts';
import { injectorConfigs } from './injector-config.ts';
import { SERVICE, SERVICE_ACCOUNT } from './kinds.ts';

export const acrossClusters: AcrossClusters = {
  kinds: [SERVICE, SERVICE_ACCOUNT, ...WORKLOAD_KINDS],
  nameOf(resources) {
    const names = resources
      .derive(injectorConfigs)
      .all.flatMap(({ values }) => stringAt(values, 'global', 'multiCluster', 'clusterName') || []);
    return names[0];
  },
};
