import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { canAddOrRemove, ineffective } from './_patches.ts';

/** As the API documents it; istiod 1.32 does append routes, but nothing promises that it will. */
export const addApplies: Rule = {
  meta: {
    id: 'istio-extension/add-applies',
    aliases: ['IST0153'],
    analyzers: ['envoyfilter.EnvoyPatchAnalyzer'],
    severity: 'error',
    summary: 'Every ADD patch of an EnvoyFilter applies to something that Istio adds.',
    why: 'Istio is documented to ignore the patch, without a word in any log.',
    inputs: [ENVOY_FILTER],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-Patch-Operation',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: maintenance, namespace: shop }
spec:
  configPatches:
    - applyTo: ROUTE_CONFIGURATION
      match: { context: GATEWAY }
      patch:
        operation: ADD
        value: { response_headers_to_remove: [server] }
`,
    good: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: maintenance, namespace: shop }
spec:
  configPatches:
    - applyTo: ROUTE_CONFIGURATION
      match: { context: GATEWAY }
      patch:
        operation: MERGE
        value: { response_headers_to_remove: [server] }
`,
    differs: 'All patches are looked at, also those after an entry without a patch.',
  },
  check: (resources) =>
    ineffective(resources, 'ADD', canAddOrRemove, 'is documented to ignore it', (applyTo) =>
      applyTo === 'HTTP_ROUTE' ? 'Use INSERT_FIRST, INSERT_BEFORE or INSERT_AFTER.' : 'Use MERGE, or ADD to VIRTUAL_HOST.',
    ),
};
