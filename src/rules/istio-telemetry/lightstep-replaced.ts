import { CONFIG_MAP, MESH_CONFIG, TELEMETRY } from '../../mesh/istio/kinds.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';

export const lightstepReplaced: Rule = {
  meta: {
    id: 'istio-telemetry/lightstep-replaced',
    aliases: ['IST0002'],
    analyzers: ['telemetry.LightstepAnalyzer'],
    severity: 'warning',
    summary: 'No Telemetry sends traces to a Lightstep provider.',
    why: 'Istio 1.27 removed the Lightstep tracer: from then on proxies send no traces to such a provider.',
    inputs: [TELEMETRY, MESH_CONFIG, CONFIG_MAP],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0002/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    extensionProviders:
      - name: traces
        lightstep: { service: lightstep-satellite.observability.svc.cluster.local, port: 8360 }
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: mesh-default, namespace: istio-system }
spec:
  tracing:
    - providers: [{ name: traces }]
`,
    good: `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    extensionProviders:
      - name: traces
        opentelemetry: { service: collector.observability.svc.cluster.local, port: 4317 }
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: mesh-default, namespace: istio-system }
spec:
  tracing:
    - providers: [{ name: traces }]
`,
  },
  *check(resources) {
    const { extensionProviders } = resources.derive(meshConfig);
    for (const telemetry of resources.all(TELEMETRY)) {
      for (const tracing of itemsAt(telemetry.body, 'spec', 'tracing')) {
        for (const { item, path } of itemsAt(tracing.item, 'providers')) {
          const name = stringAt(item, 'name') ?? '';
          if (extensionProviders.get(name) !== 'lightstep') continue;
          yield {
            at: telemetry,
            path: [...tracing.path, ...path, 'name'],
            message: `Tracing provider "${name}" is of the type "lightstep", which Istio has removed in version 1.27.`,
            fix: 'Define a provider of the type "opentelemetry", which Lightstep accepts traces from, and name that.',
          };
        }
      }
    }
  },
};
