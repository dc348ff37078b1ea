/** Gateways by what they lay claim to, such as a host on a port, and by selector: rivals claim the same for the same workloads. */

import { selectorKey } from '../../mesh/istio/gateway-workloads.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { Resource } from '../../model/resource.ts';
import { quotedSample } from '../../text/words.ts';

/** Formatted selector → Gateways, sorted by name. */
export type Claimants = ReadonlyMap<string, readonly Resource[]>;

/** @returns claim → those who make it */
export function indexClaims(
  gateways: readonly Resource[],
  claimsOf: (gateway: Resource) => readonly string[],
): ReadonlyMap<string, Claimants> {
  const index = new Map<string, Map<string, Resource[]>>();
  for (const gateway of sortedByName(gateways)) {
    const selector = selectorKey(gateway);
    for (const claim of new Set(claimsOf(gateway))) {
      const bySelector = getOrInsert(index, claim, () => new Map());
      getOrInsert(bySelector, selector, () => []).push(gateway);
    }
  }
  return index;
}

/** A certificate may be shared by thousands of Gateways; naming all of them in each one's finding helps nobody. */
const MOST_RIVALS = 10;

/** The first of a group but the Gateway itself; empty exactly when it is the only one. */
export function rivalsAmong(group: readonly Resource[], gateway: Resource): readonly Resource[] {
  return group.slice(0, MOST_RIVALS + 1).filter((other) => other !== gateway);
}

/** Rivals as a finding tells of them: `Gateway "shop/a"`, `Gateways "shop/a" and "pay/b"`. */
export function describeRivals(rivals: Iterable<Resource>): { readonly names: string; readonly related: readonly Resource[] } {
  const related = sortedByName([...new Set(rivals)]).slice(0, MOST_RIVALS);
  return { names: `${related.length > 1 ? 'Gateways' : 'Gateway'} ${quotedSample(related.map(fullName))}`, related };
}

const fullName = (gateway: Resource): string => `${gateway.namespace}/${gateway.name}`;

function sortedByName(gateways: readonly Resource[]): readonly Resource[] {
  return [...gateways].sort((left, right) => (fullName(left) < fullName(right) ? -1 : 1));
}
