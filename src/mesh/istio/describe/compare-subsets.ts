import { itemsAt, stringAt } from '../../../model/body.ts';
import type { Trouble } from '../../../model/describe.ts';
import { friendlyName, quotedRef } from '../../../model/resource.ts';
import { destinationRules } from '../destination-rules.ts';
import { registry } from '../registry.ts';
import { sidecarScopes } from '../sidecar-scope.ts';
import type { AskedEnvoy } from './compare.ts';
import { named } from './scene.ts';

/** Subsets without a cluster, for hosts that the proxy has clusters of. */
export function subsetTroubles({ pod, workload, config, resources, kind, only }: AskedEnvoy): readonly Trouble[] {
  if (kind !== 'sidecar') return [];
  const rules = resources.derive(destinationRules);
  const scope = resources.derive(sidecarScopes).of(workload.namespace, workload.labels);
  const present = new Set(config.clusters.map(({ service, subset }) => `${service} ${subset ?? ''}`));
  return (only ?? resources.derive(registry).entries).filter(scope.lets).flatMap((entry) => {
    if (!present.has(`${entry.host} `)) return [];
    return rules.of(entry.host, entry.namespace, workload.namespace, workload.labels).flatMap((rule) =>
      itemsAt(rule.body, 'spec', 'subsets').flatMap(({ item }): readonly Trouble[] => {
        const subset = stringAt(item, 'name') ?? '';
        if (present.has(`${entry.host} ${subset}`)) return [];
        return [
          {
            id: 'istio/subset-missing',
            severity: 'error',
            isDifference: true,
            message: `${friendlyName(rule)} has subset "${subset}" of ${entry.host}, but the proxy of ${quotedRef(pod)} has no cluster for it.`,
            hint: 'Requests that are routed to the subset are answered with 503. Run "meshctl check --only data-plane" for whether the proxy takes what istiod sends.',
            objects: [named(rule), named(pod)],
          },
        ];
      }),
    );
  });
}
