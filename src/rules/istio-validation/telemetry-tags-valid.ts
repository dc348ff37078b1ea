import { TELEMETRY } from '../../mesh/istio/kinds.ts';
import { isBody, itemsAt, objectAt, stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';

export const telemetryTagsValid: Rule = {
  meta: {
    id: 'istio-validation/telemetry-tags-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.Telemetry'],
    severity: 'error',
    summary: 'Tags of spans have names, and tags of metrics values where they are added.',
    why: 'Istiod refuses the Telemetry, so that its settings never take effect.',
    inputs: [TELEMETRY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/telemetry/#MetricsOverrides-TagOverride',
    since: '0.1.0',
    bad: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: reviews, namespace: shop }
spec:
  metrics:
    - overrides:
        - tagOverrides:
            region: {}
`,
    good: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: reviews, namespace: shop }
spec:
  metrics:
    - overrides:
        - tagOverrides:
            region: { value: "xds.node.locality.region" }
            source_version: { operation: REMOVE }
`,
  },
  check: judging(TELEMETRY, function* ({ body }): Iterable<Flaw> {
    for (const { item, path } of itemsAt(body, 'spec', 'tracing')) {
      for (const name of Object.keys(objectAt(item, 'customTags'))) {
        if (name === '')
          yield { path: [...path, 'customTags', name], part: 'key', message: 'The name of a tag is empty.', fix: 'Name the tag.' };
      }
    }
    for (const metrics of itemsAt(body, 'spec', 'metrics')) {
      for (const override of itemsAt(metrics.item, 'overrides')) {
        for (const [name, tag] of Object.entries(objectAt(override.item, 'tagOverrides'))) {
          // Of an operation that is written down, the schema says what it needs.
          if (!isBody(tag) || 'operation' in tag || stringAt(tag, 'value')) continue;
          yield {
            path: [...metrics.path, ...override.path, 'tagOverrides', name],
            part: 'key',
            message: `Tag "${name}" has no value, which the default operation UPSERT needs.`,
            fix: 'Add value, an expression of CEL, or write operation REMOVE.',
          };
        }
      }
    }
  }),
};
