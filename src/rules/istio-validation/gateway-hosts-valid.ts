import { GATEWAY } from '../../mesh/istio/kinds.ts';
import { itemsAt, stringsAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';
import { gatewayHostProblem } from './_listener-hosts.ts';

export const gatewayHostsValid: Rule = {
  meta: {
    id: 'istio-validation/gateway-hosts-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.Gateway'],
    severity: 'error',
    summary: 'Hosts of a Gateway are full DNS names or IPv4 addresses, with or without a namespace.',
    why: 'Istiod refuses the Gateway, so that its servers are never opened.',
    inputs: [GATEWAY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/gateway/#Server-hosts',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: reviews, namespace: shop }
spec:
  selector: { app: gateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: reviews, namespace: shop }
spec:
  selector: { app: gateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop/shop.example.com, "*.example.org", 10.0.0.1]
`,
  },
  check: judging(GATEWAY, function* ({ body }): Iterable<Flaw> {
    for (const server of itemsAt(body, 'spec', 'servers')) {
      for (const { value, path } of stringsAt(server.item, 'hosts')) {
        const problem = gatewayHostProblem(value);
        if (!problem) continue;
        yield {
          path: [...server.path, ...path],
          message: `Host "${value}" is not valid: ${problem}.`,
          fix: 'Write a full name, which may start with "*.", and before it "namespace/" where it is for one namespace only.',
        };
      }
    }
  }),
};
