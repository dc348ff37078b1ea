import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { LUA_FILTER } from './_examples.ts';
import { type Flaw, judging } from './_flaws.ts';

export const envoyFilterAvoided: Rule = {
  meta: {
    id: 'istio-validation/envoy-filter-avoided',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.EnvoyFilter'],
    severity: 'info',
    summary: 'Nothing depends on the inner structure of what istiod sends to Envoy.',
    why: 'With the next release of Istio a patch may find nothing to change, or break the proxies.',
    inputs: [ENVOY_FILTER],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/envoy-filter/',
    since: '0.1.0',
    bad: LUA_FILTER,
    good: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: access-logs, namespace: shop }
spec:
  accessLogging: [{ providers: [{ name: envoy }] }]
`,
    differs: 'An info, while istioctl warns of it, because nothing is wrong with the object.',
  },
  check: judging(ENVOY_FILTER, function* ({ name }): Iterable<Flaw> {
    yield {
      path: ['kind'],
      message: `EnvoyFilter "${name}" changes configuration that istiod may arrange otherwise with any release.`,
      fix: 'Use another API where there is one, such as TrafficExtension or Telemetry, and test the filter before each upgrade.',
    };
  }),
};
