import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { canReplace, ineffective } from './_patches.ts';

export const replaceApplies: Rule = {
  meta: {
    id: 'istio-extension/replace-applies',
    aliases: ['IST0152'],
    analyzers: ['envoyfilter.EnvoyPatchAnalyzer'],
    severity: 'error',
    summary: 'Every REPLACE patch of an EnvoyFilter applies to something that Istio replaces.',
    why: 'Istio ignores the patch, without a word in any log.',
    inputs: [ENVOY_FILTER],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0152/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: short-timeout, namespace: shop }
spec:
  priority: 10
  configPatches:
    - applyTo: CLUSTER
      match: { context: SIDECAR_OUTBOUND }
      patch:
        operation: REPLACE
        value: { connect_timeout: 1s }
`,
    good: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: short-timeout, namespace: shop }
spec:
  priority: 10
  configPatches:
    - applyTo: CLUSTER
      match: { context: SIDECAR_OUTBOUND }
      patch:
        operation: MERGE
        value: { connect_timeout: 1s }
`,
    differs:
      'Listener filters may be replaced, as istiod has done since 2022. All patches are looked at, also those after an entry without a patch.',
  },
  check: (resources) =>
    ineffective(resources, 'REPLACE', canReplace, 'ignores it', (applyTo) => (applyTo === 'EXTENSION_CONFIG' ? 'Use ADD.' : 'Use MERGE.')),
};
