import { NAMESPACE } from '../../mesh/istio/kinds.ts';
import { groupBy } from '../../model/maps.ts';
import { quotedName } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { SERVED_INPUTS, servedWorkloads } from './_served-ports.ts';

/** A message names this many ports, and counts the others. */
const MOST_NAMED = 5;

/** Istiod builds one inbound listener and cluster per target port, named and configured for the port of one Service only. */
export const targetPortHasOneServicePort: Rule = {
  meta: {
    id: 'istio-service/target-port-has-one-service-port',
    aliases: ['IST0137'],
    analyzers: ['deployment.MultiServiceAnalyzer'],
    severity: 'warning',
    summary: 'Services that send to the same target port of a workload expose it as the same port.',
    why: 'The sidecar is configured for the port of the oldest Service only: telemetry, and whatever is set for the port of another one, goes astray.',
    inputs: SERVED_INPUTS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0137/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: cart, namespace: shop }
spec:
  template:
    metadata: { labels: { app: cart } }
    spec: { containers: [{ name: cart, image: cart:1.0 }] }
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec:
  selector: { app: cart }
  ports: [{ name: http, port: 80, targetPort: 8080 }]
---
apiVersion: v1
kind: Service
metadata: { name: cart-pods, namespace: shop }
spec:
  clusterIP: None
  selector: { app: cart }
  ports: [{ name: http, port: 9090, targetPort: 8080 }]
`,
    good: `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: cart, namespace: shop }
spec:
  template:
    metadata: { labels: { app: cart } }
    spec: { containers: [{ name: cart, image: cart:1.0 }] }
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec:
  selector: { app: cart }
  ports: [{ name: http, port: 80, targetPort: 8080 }]
---
apiVersion: v1
kind: Service
metadata: { name: cart-pods, namespace: shop }
spec:
  clusterIP: None
  selector: { app: cart }
  ports: [{ name: http, port: 80, targetPort: 8080 }]
`,
    differs:
      'Two ports of one Service may share a target port, as Istio itself sees no conflict there. Named target ports are resolved. All kinds of workloads are looked at, gateways are not.',
  },
  *check(resources) {
    for (const { workload, ports, certain } of resources.derive(servedWorkloads)) {
      for (const group of groupBy(ports, (port) => port.target).values()) {
        const services = new Set(group.map((port) => port.service));
        const numbers = new Set(group.map((port) => port.number));
        if (services.size < 2 || numbers.size < 2) continue;
        const exposed = group.slice(0, MOST_NAMED).map((port) => `port ${port.number} of Service "${port.service.name}"`);
        if (group.length > MOST_NAMED) exposed.push(`and ${group.length - MOST_NAMED} more`);
        yield {
          at: workload.resource,
          path: ['metadata', 'name'],
          message: `Target port "${group[0]?.target}" of ${quotedName(workload.resource)} is behind different ports: ${exposed.join(', ')}. Its sidecar knows only one of them.`,
          fix: 'Expose it as the same port in each of these Services, or let the workload listen on one more port.',
          related: [...services].slice(0, MOST_NAMED),
          ...(!certain && { absent: NAMESPACE }),
        };
      }
    }
  },
};
