import { itemsAt, objectAt } from '../../model/body.ts';
import type { Body, FieldPath } from '../../model/resource.ts';
import { isSet } from './_flaws.ts';

export interface TrafficPolicy {
  readonly policy: Body;
  readonly path: FieldPath;
  /** For one port only, where fewer settings exist. */
  readonly isOfPort: boolean;
}

/** Of a DestinationRule as a whole, of its subsets and of their ports. */
export function trafficPolicies(body: Body): readonly TrafficPolicy[] {
  const owners = [{ item: objectAt(body, 'spec'), path: ['spec'] as FieldPath }, ...itemsAt(body, 'spec', 'subsets')];
  return owners.flatMap(({ item, path }) => {
    if (!isSet(item, 'trafficPolicy')) return [];
    const policy = { policy: objectAt(item, 'trafficPolicy'), path: [...path, 'trafficPolicy'], isOfPort: false };
    const ports = itemsAt(policy.policy, 'portLevelSettings');
    return [policy, ...ports.map((port) => ({ policy: port.item, path: [...policy.path, ...port.path], isOfPort: true }))];
  });
}
