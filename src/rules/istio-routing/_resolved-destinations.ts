import { type Destination, destinationsOf } from '../../mesh/istio/destinations.ts';
import { fullHost } from '../../mesh/istio/hosts.ts';
import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { type RegistryEntry, registry } from '../../mesh/istio/registry.ts';
import { viewersOf } from '../../mesh/istio/virtual-service.ts';
import { exportScope } from '../../mesh/istio/visibility.ts';
import type { Resource } from '../../model/resource.ts';
import type { Derivation } from '../../model/resource-set.ts';

export interface ResolvedDestination {
  readonly route: Resource;
  readonly destination: Destination;
  /** Full name of the destination's host; empty when none is written. */
  readonly host: string;
  /** Namespaces that the route is judged for. */
  readonly viewers: readonly string[];
  /** What the host stands for there; empty when it is unknown or hidden. */
  readonly entries: readonly RegistryEntry[];
}

/** Every destination of every VirtualService with the services it means. */
export const resolvedDestinations: Derivation<readonly ResolvedDestination[]> = {
  name: 'istio resolved destinations',
  build(resources) {
    const hosts = resources.derive(registry);
    const mesh = resources.derive(meshConfig);
    return resources.all(VIRTUAL_SERVICE).flatMap((route) => {
      const viewers = viewersOf(route, mesh);
      const isForAll = exportScope(route, mesh.defaultVirtualServiceExportTo).has('*');
      const find = (host: string): readonly RegistryEntry[] => {
        for (const viewer of viewers) {
          const found = hosts.findAll(host, viewer);
          if (found.length > 0) return found;
        }
        // A team may export a service of its own to its clients only; a route for everybody reaches those clients too.
        return isForAll ? hosts.named(host).filter((entry) => entry.namespace === route.namespace && entry.scope.size > 0) : [];
      };
      return destinationsOf(route).map((destination): ResolvedDestination => {
        const host = fullHost(destination.host, route.namespace, resources.settings.clusterDomain);
        return { route, destination, host, viewers, entries: host === '' ? [] : find(host) };
      });
    });
  },
};
