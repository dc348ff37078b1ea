import { itemsAt } from '../../model/body.ts';
import type { PodProxy } from '../../model/mesh-adapter.ts';
import type { Resource } from '../../model/resource.ts';

const CONTAINER = 'istio-proxy';
export const ADMIN_PORT = 15_000;

/** Sidecars, gateways and waypoints run Envoy; ztunnel has its own administration on the same port. */
export function proxyOf({ body, labels }: Resource): PodProxy | undefined {
  const containers = [...itemsAt(body, 'spec', 'containers'), ...itemsAt(body, 'spec', 'initContainers')];
  if (!containers.some(({ item }) => item['name'] === CONTAINER)) return undefined;
  return { kind: labels['app'] === 'ztunnel' ? 'ztunnel' : 'envoy', container: CONTAINER, adminPort: ADMIN_PORT };
}
