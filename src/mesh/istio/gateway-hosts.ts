/** Which hosts a gateway serves for the VirtualServices that bind to it. */
import { itemsAt, stringAt, stringsAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import { GATEWAY, KUBERNETES_GATEWAY } from './kinds.ts';

/** Istio's Gateway of that name, or the Gateway API's: VirtualServices bind to either. */
export function findGateway(resources: ResourceSet, namespace: string, name: string): Resource | undefined {
  return resources.get(GATEWAY, namespace, name) ?? resources.get(KUBERNETES_GATEWAY, namespace, name);
}

/**
 * Host patterns that a gateway serves for VirtualServices of one namespace.
 * @see https://istio.io/latest/docs/reference/config/networking/gateway/#Server
 */
export function hostsServedTo(gateway: Resource, namespace: string): readonly string[] {
  if (gateway.kind === KUBERNETES_GATEWAY) {
    // A listener without a hostname takes them all.
    return itemsAt(gateway.body, 'spec', 'listeners').map(({ item }) => stringAt(item, 'hostname') || '*');
  }
  return itemsAt(gateway.body, 'spec', 'servers').flatMap(({ item }) =>
    stringsAt(item, 'hosts').flatMap(({ value }) => {
      const slash = value.indexOf('/');
      if (slash < 0) return [value];
      const allowed = value.slice(0, slash);
      const isServed = allowed === '*' || allowed === namespace || (allowed === '.' && gateway.namespace === namespace);
      return isServed ? [value.slice(slash + 1)] : [];
    }),
  );
}
