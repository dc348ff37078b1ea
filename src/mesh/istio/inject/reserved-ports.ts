/** Ports of the proxy and its agent, and what they are for. @see https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio */
export const RESERVED_PORTS: ReadonlyMap<number, string> = new Map([
  [15000, "Envoy's administration"],
  [15001, 'outbound traffic'],
  [15004, "istiod's debugging"],
  [15006, 'inbound traffic'],
  [15008, 'HBONE tunnels'],
  [15020, 'the agent, where merged metrics are'],
  [15021, "Envoy's health"],
  [15053, 'DNS'],
  [15090, "Envoy's metrics, which are merged anyway"],
]);
