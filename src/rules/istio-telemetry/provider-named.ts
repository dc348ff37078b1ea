import { CONFIG_MAP, MESH_CONFIG, TELEMETRY } from '../../mesh/istio/kinds.ts';
import { type MeshConfig, meshConfig } from '../../mesh/istio/mesh-config.ts';
import { defaultsByNamespace } from '../../mesh/istio/workload-policies.ts';
import { booleanAt, has, itemsAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';

/**
 * An entry of `accessLogging` that names no provider takes those of the entry before it, of the
 * namespace's Telemetry, of the mesh's Telemetry or of the mesh configuration. Its filter is lost
 * all the same: Istio keeps filters by the providers named beside them.
 */
export const providerNamed: Rule = {
  meta: {
    id: 'istio-telemetry/provider-named',
    aliases: ['IST0157'],
    analyzers: ['telemetry.ProviderAnalyzer'],
    severity: 'warning',
    summary: 'Access logging names a provider, or inherits one.',
    why: 'Without a provider Istio ignores the entry and writes no log.',
    inputs: [TELEMETRY, MESH_CONFIG, CONFIG_MAP],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0157/',
    since: '0.1.0',
    bad: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: errors-only, namespace: shop }
spec:
  accessLogging:
    - filter:
        expression: response.code >= 500
`,
    good: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: errors-only, namespace: shop }
spec:
  accessLogging:
    - providers: [{ name: envoy }]
      filter:
        expression: response.code >= 500
`,
    differs:
      'An entry without a filter is not reported where an entry before it, or the Telemetry of the namespace or the mesh, names the provider that it inherits.',
  },
  *check(resources) {
    const mesh = resources.derive(meshConfig);
    if (mesh.defaultAccessLogging.length > 0) return;
    const defaults = defaultsByNamespace(resources, TELEMETRY);
    for (const telemetry of resources.all(TELEMETRY)) {
      const wider = [telemetry.namespace, mesh.rootNamespace].flatMap((namespace) => defaults.get(namespace)?.slice(0, 1) ?? []);
      let inherits = wider.some((candidate) => candidate !== telemetry && namesProvider(candidate));
      for (const { item, path } of itemsAt(telemetry.body, 'spec', 'accessLogging')) {
        if (hasProvider(item)) inherits = true;
        else if (booleanAt(item, 'disabled') !== true && !(inherits && !has(item, 'filter'))) {
          yield { at: telemetry, path, ...reason(inherits), ...unlessKnown(mesh) };
        }
      }
    }
  },
};

function hasProvider(logging: Body): boolean {
  return itemsAt(logging, 'providers').length > 0;
}

function namesProvider(telemetry: Resource): boolean {
  return itemsAt(telemetry.body, 'spec', 'accessLogging').some(({ item }) => hasProvider(item));
}

function reason(inherits: boolean): { readonly message: string; readonly fix: string } {
  return inherits
    ? {
        message: 'The filter of this access log has no effect, because the entry names no provider.',
        fix: 'Repeat the provider that the filter is for in "providers".',
      }
    : {
        message: 'The access log names no provider and the mesh configuration has no default one, so it is ignored.',
        fix: 'Name a provider, such as "envoy", in "providers".',
      };
}

/** The mesh configuration may name a default provider; it takes one to know that there is none. */
function unlessKnown(mesh: MeshConfig): { readonly absent?: typeof MESH_CONFIG } {
  return mesh.resource ? {} : { absent: MESH_CONFIG };
}
