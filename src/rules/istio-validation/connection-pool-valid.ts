import { DESTINATION_RULE, SIDECAR } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { connectionPoolFlaws, connectionPools } from './_connection-pools.ts';
import { judging, under } from './_flaws.ts';

export const connectionPoolValid: Rule = {
  meta: {
    id: 'istio-validation/connection-pool-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.DestinationRule', 'schema.ValidationAnalyzer.Sidecar'],
    severity: 'error',
    summary: 'Connection pools have limits that Envoy can hold to.',
    why: 'Istiod refuses the object, so that it never takes effect.',
    inputs: [DESTINATION_RULE, SIDECAR],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    connectionPool:
      http: { http1MaxPendingRequests: -1 }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    connectionPool:
      http: { http1MaxPendingRequests: 100 }
      tcp: { idleTimeout: 0s }
`,
  },
  check: judging([DESTINATION_RULE, SIDECAR], function* (resource) {
    for (const { pool, path } of connectionPools(resource)) yield* under(path, connectionPoolFlaws(pool));
  }),
};
