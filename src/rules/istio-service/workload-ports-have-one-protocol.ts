import { NAMESPACE } from '../../mesh/istio/kinds.ts';
import { groupBy } from '../../model/maps.ts';
import { quotedName } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { SERVED_INPUTS, servedWorkloads } from './_served-ports.ts';

/** Istiod builds one inbound listener per target port, and takes its protocol from the oldest Service (pilot `core/listener_inbound.go`). */
export const workloadPortsHaveOneProtocol: Rule = {
  meta: {
    id: 'istio-service/workload-ports-have-one-protocol',
    aliases: ['IST0116'],
    analyzers: ['deployment.MultiServiceAnalyzer'],
    severity: 'warning',
    summary: 'Services that send to the same port of a workload agree on its protocol.',
    why: 'The sidecar handles the port by the protocol of the oldest Service, so that requests meant for the other Services may fail or miss their HTTP policies.',
    inputs: SERVED_INPUTS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0116/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: details, namespace: shop }
spec:
  template:
    metadata: { labels: { app: details } }
    spec: { containers: [{ name: details, image: details:1.0 }] }
---
apiVersion: v1
kind: Service
metadata: { name: details, namespace: shop }
spec:
  selector: { app: details }
  ports: [{ name: http, port: 9080 }]
---
apiVersion: v1
kind: Service
metadata: { name: details-raw, namespace: shop }
spec:
  selector: { app: details }
  ports: [{ name: tcp, port: 9080 }]
`,
    good: `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: details, namespace: shop }
spec:
  template:
    metadata: { labels: { app: details } }
    spec: { containers: [{ name: details, image: details:1.0 }] }
---
apiVersion: v1
kind: Service
metadata: { name: details, namespace: shop }
spec:
  selector: { app: details }
  ports: [{ name: http, port: 9080 }]
---
apiVersion: v1
kind: Service
metadata: { name: details-headless, namespace: shop }
spec:
  clusterIP: None
  selector: { app: details }
  ports: [{ name: http-pods, port: 9080 }]
`,
    differs:
      'Protocols are compared as Istio reads them from port names and appProtocol; TCP and UDP on one number are no conflict, nor are ports that reach different target ports. All kinds of workloads are looked at, gateways are not.',
  },
  *check(resources) {
    for (const { workload, ports, certain } of resources.derive(servedWorkloads)) {
      // A port without a declared protocol contradicts nobody.
      const declared = ports.filter((port) => port.handling !== undefined);
      for (const [first, ...others] of groupBy(declared, (port) => `${port.number} ${port.target}`).values()) {
        const rival = others.find((other) => other.handling !== first?.handling);
        if (!first || !rival) continue;
        yield {
          at: workload.resource,
          path: ['metadata', 'name'],
          message: `Port ${first.number} of ${quotedName(workload.resource)} is ${first.handling} for Service "${first.service.name}" but ${rival.handling} for Service "${rival.service.name}"; its sidecar handles it as the older Service says.`,
          fix: 'Give the ports of these Services names (or appProtocol) that mean the same protocol.',
          related: [first.service, rival.service],
          ...(!certain && { absent: NAMESPACE }),
        };
      }
    }
  },
};
