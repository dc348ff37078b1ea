import { SIDECAR } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { fieldsAt } from './_fields.ts';

export const egressProxyNotUsed: Rule = {
  meta: {
    id: 'istio-deprecation/egress-proxy-not-used',
    aliases: ['IST0002'],
    analyzers: ['deprecation.DeprecationAnalyzer'],
    severity: 'warning',
    summary: 'No Sidecar sends unknown traffic through egressProxy.',
    why: 'The field was never part of the documented API and is deprecated; a release may stop reading it without notice.',
    inputs: [SIDECAR],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0002/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec:
  outboundTrafficPolicy:
    mode: ALLOW_ANY
    egressProxy:
      host: egress.istio-system.svc.cluster.local
      port: { number: 8443 }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec:
  outboundTrafficPolicy: { mode: REGISTRY_ONLY }
`,
    differs: 'Istiod still reads the field with mode ALLOW_ANY, so the message does not call it ignored.',
  },
  *check(resources) {
    for (const sidecar of resources.all(SIDECAR)) {
      for (const { path } of fieldsAt(sidecar.body, [['spec', 'outboundTrafficPolicy', 'egressProxy']])) {
        yield {
          at: sidecar,
          path,
          part: 'key',
          message: `Sidecar "${sidecar.name}" uses outboundTrafficPolicy.egressProxy, a deprecated field that may stop working with any release.`,
          fix: 'Declare the external hosts as ServiceEntries, and route them to the egress gateway by VirtualServices.',
        };
      }
    }
  },
};
