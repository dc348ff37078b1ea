/** Gateways by what they lay claim to, such as a host on a port, and by selector: rivals claim the same for the same workloads. */
import { selectorKey } from '../../mesh/istio/gateway-workloads.ts';
import type { Resource } from '../../model/resource.ts';

/** Claim → formatted selector → Gateways. */
export type Claims = ReadonlyMap<string, ReadonlyMap<string, readonly Resource[]>>;

export function indexClaims(gateways: readonly Resource[], claimsOf: (gateway: Resource) => readonly string[]): Claims {
  const index = new Map<string, Map<string, Resource[]>>();
  for (const gateway of gateways) {
    const selector = selectorKey(gateway);
    for (const claim of new Set(claimsOf(gateway))) {
      const bySelector = index.get(claim) ?? new Map<string, Resource[]>();
      index.set(claim, bySelector);
      const group = bySelector.get(selector);
      if (group) group.push(gateway);
      else bySelector.set(selector, [gateway]);
    }
  }
  return index;
}
