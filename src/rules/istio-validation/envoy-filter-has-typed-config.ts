import { ENVOY_FILTER } from '../../mesh/istio/kinds.ts';
import { has, objectAt, stringAt } from '../../model/body.ts';
import type { FieldPath } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { completePatches } from './_envoy-patches.ts';
import { LUA_FILTER } from './_examples.ts';
import { type Flaw, isSet, judging } from './_flaws.ts';

const FILTERS: ReadonlySet<string> = new Set(['HTTP_FILTER', 'NETWORK_FILTER', 'LISTENER_FILTER', 'EXTENSION_CONFIG']);
const WITH_SOCKET: ReadonlySet<string> = new Set(['CLUSTER', 'FILTER_CHAIN']);
/** Fields of protobuf may be written in two ways. */
const CONFIGURATIONS = ['typed_config', 'typedConfig', 'config_discovery', 'configDiscovery'];

export const envoyFilterHasTypedConfig: Rule = {
  meta: {
    id: 'istio-validation/envoy-filter-has-typed-config',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.EnvoyFilter'],
    severity: 'warning',
    summary: 'Filters that an EnvoyFilter adds are told by the type of their configuration, not by name.',
    why: 'Envoy looks extensions up by the type of their configuration; one that only has a name may be refused together with its listener.',
    inputs: [ENVOY_FILTER],
    meshes: ['istio'],
    source:
      'https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: reviews, namespace: shop }
spec:
  configPatches:
    - applyTo: HTTP_FILTER
      patch:
        operation: INSERT_BEFORE
        value: { name: envoy.filters.http.grpc_stats }
`,
    good: LUA_FILTER,
  },
  check: judging(ENVOY_FILTER, function* ({ body }): Iterable<Flaw> {
    for (const { path, applyTo, value } of completePatches(body)) {
      if (!value) continue;
      const parts = [
        ...(FILTERS.has(applyTo) ? [{ part: value, place: [] as FieldPath }] : []),
        ...(['transport_socket', 'transportSocket'] as const)
          .filter((field) => WITH_SOCKET.has(applyTo) && isSet(value, field))
          .map((field) => ({ part: objectAt(value, field), place: [field] })),
      ];
      for (const { part, place } of parts) {
        if (CONFIGURATIONS.some((field) => has(part, field))) continue;
        const name = stringAt(part, 'name');
        yield {
          path: [...path, 'patch', 'value', ...place, ...(name === undefined ? [] : ['name'])],
          message: `"${name ?? ''}" has no typed_config, so Envoy could find it by its name only, which it no longer does.`,
          fix: 'Add typed_config with its "@type", even if it is empty otherwise.',
        };
      }
    }
  }),
};
