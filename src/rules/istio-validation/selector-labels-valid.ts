import { ENVOY_FILTER, SERVICE_ENTRY, SIDECAR } from '../../mesh/istio/kinds.ts';
import { objectAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';

export const selectorLabelsValid: Rule = {
  meta: {
    id: 'istio-validation/selector-labels-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.Sidecar', 'schema.ValidationAnalyzer.ServiceEntry', 'schema.ValidationAnalyzer.EnvoyFilter'],
    severity: 'error',
    summary: 'Workload selectors have keys that labels can have.',
    why: 'Istiod refuses the object, so that it never takes effect.',
    inputs: [SIDECAR, SERVICE_ENTRY, ENVOY_FILTER],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/sidecar/#WorkloadSelector',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  workloadSelector:
    labels: { "app*": reviews }
  egress:
    - hosts: ["./*"]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  workloadSelector:
    labels: { app: reviews }
  egress:
    - hosts: ["./*"]
`,
  },
  check: judging([SIDECAR, SERVICE_ENTRY, ENVOY_FILTER], function* ({ body }): Iterable<Flaw> {
    // Of values, and of selectors with matchLabels, the schemas say the same.
    for (const key of Object.keys(objectAt(body, 'spec', 'workloadSelector', 'labels'))) {
      if (key !== '' && !key.includes('*')) continue;
      yield {
        path: ['spec', 'workloadSelector', 'labels', key],
        part: 'key',
        message: key === '' ? 'The key of a label is empty.' : `Label key "${key}" has a wildcard, which selectors do not know.`,
        fix: 'Write the key of one label.',
      };
    }
  }),
};
