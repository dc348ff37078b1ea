import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import { has, stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { lookedAt, missingIn } from './_envoy-patches.ts';
import { type Flaw, judging } from './_flaws.ts';

const FIXES = {
  applyTo: 'Name what it changes, such as HTTP_FILTER.',
  patch: 'Add patch with an operation.',
  operation: 'Add an operation, such as MERGE.',
  value: 'Add value, in the fields of Envoy.',
};

export const envoyFilterPatchesComplete: Rule = {
  meta: {
    id: 'istio-validation/envoy-filter-patches-complete',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.EnvoyFilter'],
    severity: 'error',
    summary: 'Patches of an EnvoyFilter say what they apply to, what they do, and with which value.',
    why: 'Istiod refuses the EnvoyFilter, so that its patches are never applied.',
    inputs: [ENVOY_FILTER],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-EnvoyConfigObjectPatch',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: reviews, namespace: shop }
spec:
  configPatches:
    - applyTo: CLUSTER
      patch: { operation: MERGE }
`,
    good: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: reviews, namespace: shop }
spec:
  configPatches:
    - applyTo: CLUSTER
      match: { cluster: { service: ledger.bank.svc.cluster.local } }
      patch: { operation: MERGE, value: { connect_timeout: 2s } }
    - applyTo: HTTP_FILTER
      patch: { operation: REMOVE }
`,
  },
  check: judging(ENVOY_FILTER, function* ({ body }): Iterable<Flaw> {
    for (const { item, path } of lookedAt(body)) {
      const field = missingIn(item);
      if (!field) continue;
      const place = field === 'applyTo' || field === 'patch' ? [] : ['patch'];
      yield {
        path: has(item, ...place, field) ? [...path, ...place, field] : [...path, ...place],
        part: 'key',
        message: `Patch ${Number(path.at(-1)) + 1} has no ${field}${field === 'value' ? `, which ${stringAt(item, 'patch', 'operation')} needs` : ''}.`,
        fix: FIXES[field],
      };
    }
  }),
};
