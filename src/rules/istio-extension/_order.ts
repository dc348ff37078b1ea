/** Which patches of EnvoyFilters depend on what other patches have done before. */
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { numberAt } from '../../model/body.ts';
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
      return places.flatMap((place) => bound.get(`${place}/${patch.instance}`)?.find((other) => other !== patch) ?? [])[0];
    };
    return groupByFilter(all.filter((patch) => isRelative(patch) && !numberAt(patch.filter.body, 'spec', 'priority'))).map((group) => {
      const judged = group.patches.map((patch) => ({ patch, rival: rivalOf(patch) }));
      return {
        filter: group.filter,
        plain: judged.flatMap(({ patch, rival }) => (rival ? [] : [patch])),
        versionBound: judged.flatMap(({ patch, rival }) => (rival ? [{ patch, rival }] : [])),
      };
    });
  },
};

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
  const index = new Map<string, Patch[]>();
  for (const patch of all) {
    if (patch.instance === undefined) continue;
    for (const place of [patch.filter.namespace, '*']) {
      const key = `${place}/${patch.instance}`;
      const same = index.get(key);
      if (same) same.push(patch);
      else index.set(key, [patch]);
    }
  }
  return index;
}

function groupByFilter(all: readonly Patch[]): readonly { readonly filter: Resource; readonly patches: readonly Patch[] }[] {
  const groups = new Map<Resource, Patch[]>();
  for (const patch of all) {
    const group = groups.get(patch.filter);
    if (group) group.push(patch);
    else groups.set(patch.filter, [patch]);
  }
  return [...groups].map(([filter, patches]) => ({ filter, patches }));
}
