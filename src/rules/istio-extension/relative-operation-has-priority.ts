import { CONFIG_MAP, ENVOY_FILTER, MESH_CONFIG } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { relativePatches } from './_order.ts';

/** istiod orders EnvoyFilters by priority, then the root namespace's first, then by age (pilot `model/push_context.go`). */
export const relativeOperationHasPriority: Rule = {
  meta: {
    id: 'istio-extension/relative-operation-has-priority',
    aliases: ['IST0151'],
    analyzers: ['envoyfilter.EnvoyPatchAnalyzer'],
    severity: 'warning',
    summary: 'Every EnvoyFilter whose patches depend on other patches has a priority.',
    why: 'Whether the patch finds its place depends on which EnvoyFilter is older, and changes when one of them is created anew.',
    inputs: [ENVOY_FILTER, MESH_CONFIG, CONFIG_MAP],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0151/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: lua, namespace: shop }
spec:
  configPatches:
    - applyTo: HTTP_FILTER
      match:
        context: SIDECAR_INBOUND
        listener:
          filterChain:
            filter:
              name: envoy.filters.network.http_connection_manager
              subFilter: { name: envoy.filters.http.router }
      patch:
        operation: INSERT_BEFORE
        value: { name: envoy.filters.http.lua }
`,
    good: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: lua, namespace: shop }
spec:
  priority: 10
  configPatches:
    - applyTo: HTTP_FILTER
      match:
        context: SIDECAR_INBOUND
        listener:
          filterChain:
            filter:
              name: envoy.filters.network.http_connection_manager
              subFilter: { name: envoy.filters.http.router }
      patch:
        operation: INSERT_BEFORE
        value: { name: envoy.filters.http.lua }
`,
    differs:
      'One finding for all such patches of an EnvoyFilter, since one priority mends them. All patches are looked at, also those after an entry without a patch.',
  },
  *check(resources) {
    for (const { filter, plain } of resources.derive(relativePatches)) {
      const [first, ...rest] = plain;
      if (!first) continue;
      const dependent = `${first.operation} in configPatches[${first.index}] ${rest.length === 0 ? 'depends' : `and ${rest.length} more depend`}`;
      yield {
        at: filter,
        path: first.path,
        message: `EnvoyFilter "${filter.name}" has no priority, so it applies in the order of creation, on which ${dependent}.`,
        fix: 'Set spec.priority, or insert by INSERT_FIRST or ADD, which depend on no other patch.',
      };
    }
  },
};
