import { TELEMETRY } from '../../mesh/istio/kinds.ts';
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';

export const telemetryOneTracing: Rule = {
  meta: {
    id: 'istio-validation/telemetry-one-tracing',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.Telemetry'],
    severity: 'warning',
    summary: 'A Telemetry configures tracing once, with one provider.',
    why: 'Spans go to the first provider of the first entry only.',
    inputs: [TELEMETRY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/telemetry/#Tracing',
    since: '0.1.0',
    bad: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: reviews, namespace: shop }
spec:
  tracing:
    - providers: [{ name: zipkin }, { name: otel }]
`,
    good: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: reviews, namespace: shop }
spec:
  tracing:
    - providers: [{ name: zipkin }]
`,
  },
  check: judging(TELEMETRY, function* ({ body }): Iterable<Flaw> {
    const tracing = itemsAt(body, 'spec', 'tracing');
    for (const [index, { item, path }] of tracing.entries()) {
      if (index > 0)
        yield { path, message: `Entry ${index + 1} of tracing is not supported: Istio goes by one.`, fix: 'Merge the entries into one.' };
      const providers = itemsAt(item, 'providers');
      for (const provider of providers.slice(1)) {
        yield {
          path: [...path, ...provider.path],
          message: `Provider "${stringAt(provider.item, 'name') ?? ''}" of tracing is not supported: Istio goes by one.`,
          fix: 'Keep one provider.',
        };
      }
    }
  }),
};
