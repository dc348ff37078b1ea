import { GATEWAY } from '../../mesh/istio/kinds.ts';
import { has, itemsAt, listAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';

export const gatewayServersComplete: Rule = {
  meta: {
    id: 'istio-validation/gateway-servers-complete',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.Gateway'],
    severity: 'error',
    summary: 'A Gateway has servers, and each of them hosts.',
    why: 'Istiod refuses the Gateway, so that its servers are never opened.',
    inputs: [GATEWAY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/gateway/#Server',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: reviews, namespace: shop }
spec:
  selector: { app: gateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: []
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: reviews, namespace: shop }
spec:
  selector: { app: gateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: ["*"]
`,
  },
  check: judging(GATEWAY, function* ({ body }): Iterable<Flaw> {
    if (listAt(body, 'spec', 'servers').length === 0) {
      yield { path: ['spec'], part: 'key', message: 'The Gateway has no servers.', fix: 'Add a server with its port and hosts.' };
    }
    for (const { item, path } of itemsAt(body, 'spec', 'servers')) {
      // Without the field the schema speaks.
      if (!has(item, 'hosts') || listAt(item, 'hosts').length > 0) continue;
      yield {
        path: [...path, 'hosts'],
        part: 'key',
        message: `Server ${Number(path.at(-1)) + 1} has no hosts.`,
        fix: 'Name the hosts, or write ["*"] for all.',
      };
    }
  }),
};
