/** Which patches of EnvoyFilters depend on what other patches have done before. */
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { numberAt } from '../../model/body.ts';
import { groupBy, groupByEach } from '../../model/maps.ts';
import type { Resource } from '../../model/resource.ts';
import type { Derivation } from '../../model/resource-set.ts';
import { canAddOrRemove, canReplace, type Patch, patches } from './_patches.ts';

/** The patches of one EnvoyFilter without a priority that depend on the order of patches; one of the lists may be empty. */
interface Relative {
  readonly filter: Resource;
  readonly plain: readonly Patch[];
  /** Patches of something that another patch touches for some proxy versions only. */
  readonly versionBound: readonly { readonly patch: Patch; readonly rival: Patch }[];
}

export const relativePatches: Derivation<readonly Relative[]> = {
  name: 'relative patches of EnvoyFilters',
  build(resources) {
    const all = resources.derive(patches);
    const { rootNamespace } = resources.derive(meshConfig);
    const bound = byInstance(all.filter((patch) => patch.proxyVersion !== undefined));
    // Two EnvoyFilters can meet on a proxy when they share a namespace, or one is in the root namespace.
    const rivalOf = (patch: Patch): Patch | undefined => {
      if (patch.instance === undefined) return undefined;
      const { namespace } = patch.filter;
      const places = namespace === rootNamespace ? ['*'] : [namespace, rootNamespace];
      return places.flatMap((place) => bound.get(`${place}/${patch.instance}`)?.find((other) => isRival(patch, other)) ?? [])[0];
    };
    const relative = all.filter((patch) => isRelative(patch) && !numberAt(patch.filter.body, 'spec', 'priority'));
    return [...groupBy(relative, (patch) => patch.filter)].map(([filter, group]) => {
      const judged = group.map((patch) => ({ patch, rival: rivalOf(patch) }));
      return {
        filter,
        plain: judged.flatMap(({ patch, rival }) => (rival ? [] : [patch])),
        versionBound: judged.flatMap(({ patch, rival }) => (rival ? [{ patch, rival }] : [])),
      };
    });
  },
};

const isRival = (patch: Patch, other: Patch): boolean => other !== patch && other.filter.cluster === patch.filter.cluster;

function isRelative({ operation, applyTo }: Patch): boolean {
  switch (operation) {
    case 'INSERT_BEFORE':
    case 'INSERT_AFTER':
      return true;
    case 'REMOVE':
      return canAddOrRemove(applyTo);
    case 'REPLACE':
      return canReplace(applyTo);
    default:
      return false;
  }
}

/** By namespace and instance, and by `*` and instance for all namespaces together. */
function byInstance(all: readonly Patch[]): ReadonlyMap<string, readonly Patch[]> {
  return groupByEach(all, ({ filter, instance }) =>
    instance === undefined ? [] : [filter.namespace, '*'].map((place) => `${place}/${instance}`),
  );
}
