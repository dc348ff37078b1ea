import { fullHost, type HostIndex, hostIndex } from '../../mesh/istio/hosts.ts';
import { DESTINATION_RULE } from '../../mesh/istio/kinds.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { exportScope, type Scope } from '../../mesh/istio/visibility.ts';
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Derivation } from '../../model/resource-set.ts';

export interface SubsetRule {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly subsets: ReadonlySet<string>;
}

/** DestinationRules by the full host that they are for. */
export const subsetRules: Derivation<HostIndex<SubsetRule>> = {
  name: 'istio subsets',
  build(resources) {
    const mesh = resources.derive(meshConfig);
    return hostIndex(
      resources.all(DESTINATION_RULE).map((resource): readonly [string, SubsetRule] => {
        const names = itemsAt(resource.body, 'spec', 'subsets').flatMap(({ item }) => stringAt(item, 'name') ?? []);
        const host = fullHost(stringAt(resource.body, 'spec', 'host') ?? '', resource.namespace, resources.settings.clusterDomain);
        return [host, { resource, scope: exportScope(resource, mesh.defaultDestinationRuleExportTo), subsets: new Set(names) }];
      }),
    );
  },
};
