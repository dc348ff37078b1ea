import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import { objectAt, stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { completePatches } from './_envoy-patches.ts';
import { LONGEST_EXPRESSION } from './_expressions.ts';
import { type Flaw, isSet, judging } from './_flaws.ts';

export const envoyFilterMatchHasEffect: Rule = {
  meta: {
    id: 'istio-validation/envoy-filter-match-has-effect',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.EnvoyFilter'],
    severity: 'warning',
    summary: 'Every condition of an EnvoyFilter is one that istiod looks at.',
    why: 'The patch is applied to more than its author meant.',
    inputs: [ENVOY_FILTER],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-ListenerMatch-FilterMatch',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: reviews, namespace: shop }
spec:
  configPatches:
    - applyTo: LISTENER
      match: { listener: { filterChain: { filter: { name: envoy.filters.network.tcp_proxy } } } }
      patch: { operation: MERGE, value: { per_connection_buffer_limit_bytes: 32768 } }
`,
    good: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: reviews, namespace: shop }
spec:
  configPatches:
    - applyTo: LISTENER
      match: { listener: { portNumber: 9080 }, proxy: { proxyVersion: "^1\\\\.3.*" } }
      patch: { operation: MERGE, value: { per_connection_buffer_limit_bytes: 32768 } }
`,
  },
  check: judging(ENVOY_FILTER, function* ({ body }): Iterable<Flaw> {
    for (const { patch, path, applyTo } of completePatches(body)) {
      const version = stringAt(patch, 'match', 'proxy', 'proxyVersion') ?? '';
      if (version.length > LONGEST_EXPRESSION) {
        yield {
          path: [...path, 'match', 'proxy', 'proxyVersion'],
          message: `The expression of proxyVersion has ${version.length} characters, and istiod ignores it above ${LONGEST_EXPRESSION}.`,
          fix: 'Write a shorter expression.',
        };
      }
      const chain = objectAt(patch, 'match', 'listener', 'filterChain');
      if ((applyTo !== 'LISTENER' && applyTo !== 'FILTER_CHAIN') || !isSet(chain, 'filter')) continue;
      yield {
        path: [...path, 'match', 'listener', 'filterChain', 'filter'],
        part: 'key',
        message: `The match of a filter has no effect on a patch that applies to ${applyTo}.`,
        fix: 'Remove filter, or apply to NETWORK_FILTER.',
      };
    }
  }),
};
