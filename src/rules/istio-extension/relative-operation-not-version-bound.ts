import { CONFIG_MAP, ENVOY_FILTER, MESH_CONFIG } from '../../mesh/istio/kinds.ts';
import { friendlyName } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { relativePatches } from './_order.ts';
import type { Patch } from './_patches.ts';

export const relativeOperationNotVersionBound: Rule = {
  meta: {
    id: 'istio-extension/relative-operation-not-version-bound',
    aliases: ['IST0155'],
    analyzers: ['envoyfilter.EnvoyPatchAnalyzer'],
    severity: 'warning',
    summary: 'No EnvoyFilter without a priority depends on a patch that only some proxy versions get.',
    why: 'During an upgrade the proxies of one version get both patches and those of the other only one, so the same filter works differently on them.',
    inputs: [ENVOY_FILTER, MESH_CONFIG, CONFIG_MAP],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0155/',
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
        proxy: { proxyVersion: '^1\\.31.*' }
      patch:
        operation: INSERT_FIRST
        value: { name: envoy.filters.http.lua }
    - applyTo: HTTP_FILTER
      match: { context: SIDECAR_INBOUND }
      patch:
        operation: REPLACE
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
        proxy: { proxyVersion: '^1\\.31.*' }
      patch:
        operation: INSERT_FIRST
        value: { name: envoy.filters.http.lua }
    - applyTo: HTTP_FILTER
      match: { context: SIDECAR_INBOUND }
      patch:
        operation: REPLACE
        value: { name: envoy.filters.http.lua }
`,
    differs:
      'Which patch comes first makes no difference, only patches that can meet on a proxy are compared, and there is one finding for each EnvoyFilter.',
  },
  *check(resources) {
    for (const { filter, versionBound } of resources.derive(relativePatches)) {
      const first = versionBound[0];
      if (!first) continue;
      const { patch, rival } = first;
      yield {
        at: filter,
        path: patch.path,
        message: `${patch.operation} of "${patch.instance}" has no priority, and ${placeOf(rival, patch)} patches "${rival.instance}" only for proxy versions that match "${rival.proxyVersion}".`,
        fix: 'Set spec.priority, so that the order of the patches is the same for every version.',
        related: rival.filter === filter ? [] : [rival.filter],
      };
    }
  },
};

function placeOf(rival: Patch, seenFrom: Patch): string {
  const place = `configPatches[${rival.index}]`;
  return rival.filter === seenFrom.filter ? place : `${place} of ${friendlyName(rival.filter)}`;
}
