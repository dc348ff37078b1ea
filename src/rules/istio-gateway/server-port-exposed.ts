import { type Exposure, gatewayWorkloads, selectorKey } from '../../mesh/istio/gateway-workloads.ts';
import { GATEWAY, SERVICE } from '../../mesh/istio/kinds.ts';
import type { Problem, Rule } from '../../model/rule.ts';
import { WORKLOAD_KINDS } from '../../model/workloads.ts';
import { serversOf } from './_servers.ts';

/** The proxy listens on the port all the same; clients only have no way to it through the Service. */
export const serverPortExposed: Rule = {
  meta: {
    id: 'istio-gateway/server-port-exposed',
    aliases: ['IST0162'],
    analyzers: ['gateway.IngressGatewayPortAnalyzer'],
    severity: 'warning',
    summary: "Every server port of a Gateway is exposed by a Service of the Gateway's workloads.",
    why: 'The proxy listens on the port, but clients that come through the Service cannot reach it.',
    inputs: [GATEWAY, SERVICE, ...WORKLOAD_KINDS],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0162/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: storefront, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 8443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: PASSTHROUGH }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: ingress }
spec:
  template:
    metadata: { labels: { istio: ingress } }
    spec: { containers: [{ name: istio-proxy, image: auto }] }
---
apiVersion: v1
kind: Service
metadata: { name: ingress, namespace: ingress }
spec:
  selector: { istio: ingress }
  ports: [{ name: https, port: 443 }]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: storefront, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 8443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: PASSTHROUGH }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: ingress }
spec:
  template:
    metadata: { labels: { istio: ingress } }
    spec: { containers: [{ name: istio-proxy, image: auto }] }
---
apiVersion: v1
kind: Service
metadata: { name: ingress, namespace: ingress }
spec:
  selector: { istio: ingress }
  ports: [{ name: https, port: 443, targetPort: 8443 }]
`,
    differs:
      'A Service without selector leads to no pod, a port without protocol is TCP, a named target port is looked up in the pod, and pods with host ports or on the host network need no Service.',
  },
  *check(resources) {
    const behind = resources.derive(gatewayWorkloads);
    for (const gateway of resources.all(GATEWAY)) {
      if (behind.of(gateway).length === 0) continue;
      const exposure = behind.exposureOf(gateway);
      if (exposure.everyPort) continue;
      const reported = new Set<number>();
      for (const { port, path } of serversOf(gateway)) {
        if (port === undefined || exposure.ports.has(port) || reported.has(port)) continue;
        reported.add(port);
        yield {
          at: gateway,
          path: [...path, 'port', 'number'],
          ...wording(port, exposure, selectorKey(gateway)),
          related: exposure.services.filter((service) => !service.assumed),
          absent: evidence(exposure),
        };
      }
    }
  },
};

const MOST_PORTS = 10;

/** An ingress gateway that the input leaves out may expose any port. */
function evidence({ services }: Exposure): Problem['absent'] {
  return services.length > 0 && services.every((service) => service.assumed)
    ? { kinds: [SERVICE], of: 'Service of the ingress gateway', given: false }
    : SERVICE;
}

function wording(port: number, { services, ports }: Exposure, selector: string): { readonly message: string; readonly fix: string } {
  const [service] = services;
  if (!service) {
    return {
      message: `Port ${port} is not reachable through a Service: no Service leads to the workloads that selector "${selector}" matches.`,
      fix: `Create a Service for the gateway's pods that exposes port ${port}.`,
    };
  }
  const sorted = [...ports].sort((left, right) => left - right);
  const more = sorted.length > MOST_PORTS ? ` and ${sorted.length - MOST_PORTS} more` : '';
  const known = sorted.length > 0 ? `${sorted.slice(0, MOST_PORTS).join(', ')}${more}` : 'no TCP port';
  const fix = `Add port ${port} to the Service, or use a port that it exposes.`;
  return services.length > 1
    ? {
        message: `Port ${port} is exposed by none of the ${services.length} Services of the Gateway's workloads; they expose ${known}.`,
        fix,
      }
    : {
        message: `Port ${port} is not exposed by Service "${service.namespace}/${service.name}" of the Gateway's workloads; it exposes ${known}.`,
        fix,
      };
}
