import { TELEMETRY } from '../../mesh/istio/kinds.ts';
import { has, itemsAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';

/** Of tags of spans istiod refuses an empty name; of those of metrics it only warns. */
export const telemetryTagOverridesNamed: Rule = {
  meta: {
    id: 'istio-validation/telemetry-tag-overrides-named',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.Telemetry'],
    severity: 'warning',
    summary: 'Each override of a tag of metrics names the tag.',
    why: 'No tag has an empty name, so that there is none to remove or change, and one that is added cannot be asked for. Istiod warns of it.',
    inputs: [TELEMETRY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/telemetry/#MetricsOverrides',
    since: '0.1.0',
    bad: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: reviews, namespace: shop }
spec:
  metrics:
    - overrides:
        - tagOverrides:
            "": { operation: REMOVE }
`,
    good: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: reviews, namespace: shop }
spec:
  metrics:
    - overrides:
        - tagOverrides:
            source_version: { operation: REMOVE }
`,
  },
  check: judging(TELEMETRY, function* ({ body }): Iterable<Flaw> {
    for (const metrics of itemsAt(body, 'spec', 'metrics')) {
      for (const override of itemsAt(metrics.item, 'overrides')) {
        if (!has(override.item, 'tagOverrides', '')) continue;
        yield {
          path: [...metrics.path, ...override.path, 'tagOverrides', ''],
          part: 'key',
          message: 'The name of the tag to override is empty.',
          fix: 'Name the tag, or remove the entry.',
        };
      }
    }
  }),
};
