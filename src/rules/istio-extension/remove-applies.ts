import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { canAddOrRemove, ineffective } from './_patches.ts';

/** As the API documents it; istiod 1.32 does remove routes, but nothing promises that it will. */
export const removeApplies: Rule = {
  meta: {
    id: 'istio-extension/remove-applies',
    aliases: ['IST0154'],
    analyzers: ['envoyfilter.EnvoyPatchAnalyzer'],
    severity: 'error',
    summary: 'Every REMOVE patch of an EnvoyFilter applies to something that Istio removes.',
    why: 'Istio is documented to ignore the patch, so what it was to take away stays.',
    inputs: [ENVOY_FILTER],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-Patch-Operation',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: no-admin, namespace: shop }
spec:
  priority: 10
  configPatches:
    - applyTo: HTTP_ROUTE
      match:
        context: GATEWAY
        routeConfiguration: { vhost: { route: { name: admin } } }
      patch: { operation: REMOVE }
`,
    good: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: no-admin, namespace: shop }
spec:
  priority: 10
  configPatches:
    - applyTo: VIRTUAL_HOST
      match:
        context: GATEWAY
        routeConfiguration: { vhost: { name: "admin.example.org:443" } }
      patch: { operation: REMOVE }
`,
    differs: 'All patches are looked at, also those after an entry without a patch.',
  },
  check: (resources) =>
    ineffective(
      resources,
      'REMOVE',
      canAddOrRemove,
      'is documented to ignore it',
      () => 'Remove or replace the VIRTUAL_HOST, or change the VirtualService that the routes come from.',
    ),
};
