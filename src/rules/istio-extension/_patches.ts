/** The patches of EnvoyFilters, and which operations do something to what. */
import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import { itemsAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, FieldPath, Resource } from '../../model/resource.ts';
import type { Derivation, ResourceSet } from '../../model/resource-set.ts';
import type { Problem } from '../../model/rule.ts';

export interface Patch {
  readonly filter: Resource;
  /** Place in `spec.configPatches`. */
  readonly index: number;
  /** Of the field that names the operation. */
  readonly path: FieldPath;
  readonly applyTo: string;
  readonly operation: string;
  /** Name of what the patch puts in, or else of the filter it looks for. */
  readonly instance: string | undefined;
  /** Versions of proxies that the patch is for; undefined when it is for all. */
  readonly proxyVersion: string | undefined;
}

/** The patches of all EnvoyFilters. Entries without operation or with an unknown applyTo are for validation to judge. */
export const patches: Derivation<readonly Patch[]> = {
  name: 'patches of EnvoyFilters',
  build: (resources) => resources.all(ENVOY_FILTER).flatMap(patchesOf),
};

function patchesOf(filter: Resource): readonly Patch[] {
  return itemsAt(filter.body, 'spec', 'configPatches').flatMap(({ item, path }) => {
    const applyTo = stringAt(item, 'applyTo');
    const operation = stringAt(item, 'patch', 'operation');
    if (!applyTo || !APPLY_TO.has(applyTo) || !operation) return [];
    return [
      {
        filter,
        index: Number(path.at(-1)),
        path: [...path, 'patch', 'operation'],
        applyTo,
        operation,
        instance: instanceOf(item),
        proxyVersion: stringAt(item, 'match', 'proxy', 'proxyVersion') || undefined,
      },
    ];
  });
}

function instanceOf(item: Body): string | undefined {
  const value = objectAt(item, 'patch', 'value');
  if (Object.keys(value).length === 0) return undefined;
  return stringAt(value, 'name') || stringAt(item, 'match', 'listener', 'filterChain', 'filter', 'name') || undefined;
}

const APPLY_TO: ReadonlySet<string> = new Set([
  'LISTENER',
  'LISTENER_FILTER',
  'FILTER_CHAIN',
  'NETWORK_FILTER',
  'HTTP_FILTER',
  'ROUTE_CONFIGURATION',
  'VIRTUAL_HOST',
  'HTTP_ROUTE',
  'CLUSTER',
  'EXTENSION_CONFIG',
  'BOOTSTRAP',
]);

/** What ADD and REMOVE are documented to pass over. */
const UNTOUCHED: ReadonlySet<string> = new Set(['ROUTE_CONFIGURATION', 'HTTP_ROUTE']);

/** What istiod replaces (pilot `networking/core/envoyfilter`); it passes over REPLACE of anything else. */
const REPLACEABLE: ReadonlySet<string> = new Set(['NETWORK_FILTER', 'HTTP_FILTER', 'LISTENER_FILTER', 'VIRTUAL_HOST']);

export function canAddOrRemove(applyTo: string): boolean {
  return !UNTOUCHED.has(applyTo);
}

export function canReplace(applyTo: string): boolean {
  return REPLACEABLE.has(applyTo);
}

/**
 * The patches whose operation does nothing to what they apply to.
 * @param reason completes "…, where Istio …"
 */
export function* ineffective(
  resources: ResourceSet,
  operation: string,
  hasEffect: (applyTo: string) => boolean,
  reason: string,
  fixFor: (applyTo: string) => string,
): Iterable<Problem> {
  for (const patch of resources.derive(patches)) {
    if (patch.operation !== operation || hasEffect(patch.applyTo)) continue;
    yield {
      at: patch.filter,
      path: patch.path,
      message: `${operation} in configPatches[${patch.index}] applies to ${patch.applyTo}, where Istio ${reason}.`,
      fix: fixFor(patch.applyTo),
    };
  }
}
