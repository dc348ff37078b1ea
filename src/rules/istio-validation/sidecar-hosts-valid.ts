import { SIDECAR } from '../../mesh/istio/kinds.ts';
import { has, itemsAt, listAt, stringsAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';
import { egressHostProblem } from './_listener-hosts.ts';

export const sidecarHostsValid: Rule = {
  meta: {
    id: 'istio-validation/sidecar-hosts-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.Sidecar'],
    severity: 'error',
    summary: 'Hosts of a Sidecar are written "namespace/host".',
    why: 'Istiod refuses the Sidecar, so that proxies keep the configuration they have.',
    inputs: [SIDECAR],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener-hosts',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  egress:
    - hosts: [reviews.shop.svc.cluster.local]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  egress:
    - hosts: ["./*", istio-system/*, "*/reviews.shop.svc.cluster.local"]
`,
  },
  check: judging(SIDECAR, function* ({ body }): Iterable<Flaw> {
    for (const listener of itemsAt(body, 'spec', 'egress')) {
      // Without the field the schema speaks.
      if (has(listener.item, 'hosts') && listAt(listener.item, 'hosts').length === 0) {
        yield {
          path: [...listener.path, 'hosts'],
          part: 'key',
          message: 'The egress listener has no hosts.',
          fix: 'Name hosts, such as "./*" for those of the same namespace, or "~/*" for none.',
        };
      }
      for (const { value, path } of stringsAt(listener.item, 'hosts')) {
        const problem = egressHostProblem(value);
        if (!problem) continue;
        yield {
          path: [...listener.path, ...path],
          message: `Host "${value}" is not valid: ${problem}.`,
          fix: 'Write "namespace/host" with a full name or "*", and "." or "*" for the own or any namespace.',
        };
      }
    }
  }),
};
