/** An EnvoyFilter without any fault that a rule could find, but that it is one. */
export const LUA_FILTER = `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: reviews, namespace: shop }
spec:
  configPatches:
    - applyTo: HTTP_FILTER
      match:
        context: SIDECAR_INBOUND
        listener:
          filterChain:
            filter:
              name: envoy.filters.network.http_connection_manager
              subFilter: { name: envoy.filters.http.router }
      patch:
        operation: INSERT_BEFORE
        value:
          name: envoy.filters.http.lua
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
            inlineCode: function envoy_on_request(handle) end
`;

/** The ConfigMap of a control plane with nothing wrong in it. */
export const MESH_CONFIG_MAP = `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    accessLogFile: /dev/stdout
    defaultConfig: { drainDuration: 45s }
    extensionProviders:
      - name: tracing
        opentelemetry: { service: collector.istio-system.svc.cluster.local, port: 4317 }
`;
