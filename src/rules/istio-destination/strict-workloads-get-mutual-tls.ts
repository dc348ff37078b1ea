import { INJECTION_KINDS } from '../../mesh/istio/injection.ts';
import { DESTINATION_RULE, MESH_CONFIG, PEER_AUTHENTICATION, SERVICE, SERVICE_ENTRY } from '../../mesh/istio/kinds.ts';
import { TARGET_KINDS } from '../../mesh/istio/policy-targets.ts';
import { describe } from '../../mesh/istio/policy-wording.ts';
import type { Rule } from '../../model/rule.ts';
import { plaintextRefusals } from './_plaintext.ts';

/** An explicit mode is obeyed: the proxy no longer looks whether the other side has a sidecar. */
export const strictWorkloadsGetMutualTls: Rule = {
  meta: {
    id: 'istio-destination/strict-workloads-get-mutual-tls',
    aliases: ['KIA0207', 'KIA0208'],
    severity: 'error',
    summary: 'No DestinationRule has plain text sent to workloads that accept mutual TLS only.',
    why: 'The sidecar of the destination closes every such connection: clients get 503 with "upstream connect error or disconnect/reset before headers".',
    inputs: [DESTINATION_RULE, PEER_AUTHENTICATION, SERVICE, SERVICE_ENTRY, ...TARGET_KINDS, ...INJECTION_KINDS, MESH_CONFIG],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/ops/common-problems/network-issues/#503-errors-after-setting-destination-rule',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: cart, namespace: shop }
spec:
  host: cart
  trafficPolicy:
    tls: { mode: DISABLE }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: STRICT }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec:
  selector: { app: cart }
  ports: [{ name: http, port: 8080 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec:
  template:
    metadata: { labels: { app: cart } }
    spec: { containers: [{ name: cart, image: cart:1.0 }] }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: cart, namespace: shop }
spec:
  host: cart
  trafficPolicy:
    tls: { mode: ISTIO_MUTUAL }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: STRICT }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec:
  selector: { app: cart }
  ports: [{ name: http, port: 8080 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec:
  template:
    metadata: { labels: { app: cart } }
    spec: { containers: [{ name: cart, image: cart:1.0 }] }
`,
    differs:
      'Other than Kiali, which compares rules for a whole namespace or mesh with policies of the same reach: rules for single services, subsets and ports, and policies for workloads and ports, count too, and a rule is only reported where some workload that it leads to is strict.',
  },
  *check(resources) {
    if (resources.all(PEER_AUTHENTICATION).length === 0) return;
    for (const rule of resources.all(DESTINATION_RULE)) {
      for (const { path, service, port, workload, policy } of plaintextRefusals(rule, resources)) {
        yield {
          at: rule,
          path,
          message: `The rule sends plain text to port ${port} of service "${service.name}" in namespace "${service.namespace}", but ${describe(workload)} accepts only mutual TLS there: ${describe(policy)} of namespace "${policy.namespace}" is STRICT.`,
          fix: `Set the mode to ISTIO_MUTUAL, or remove "tls", so that proxies choose it themselves.`,
          related: [policy, service],
        };
      }
    }
  },
};
