import { GATEWAY } from '../../mesh/istio/kinds.ts';
import { isHttp, protocolNamed } from '../../mesh/istio/protocol.ts';
import { booleanAt, itemsAt, stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';

export const httpsRedirectHasEffect: Rule = {
  meta: {
    id: 'istio-validation/https-redirect-has-effect',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.Gateway'],
    severity: 'warning',
    summary: 'Only servers for HTTP redirect to HTTPS.',
    why: 'Requests over plain HTTP are not redirected, although the Gateway looks as if they were.',
    inputs: [GATEWAY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings-https_redirect',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: reviews, namespace: shop }
spec:
  selector: { app: gateway }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: ["*"]
      tls: { mode: SIMPLE, credentialName: shop, httpsRedirect: true }
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
      tls: { httpsRedirect: true }
`,
  },
  check: judging(GATEWAY, function* ({ body }): Iterable<Flaw> {
    for (const { item, path } of itemsAt(body, 'spec', 'servers')) {
      const protocol = stringAt(item, 'port', 'protocol');
      if (protocol === undefined || !booleanAt(item, 'tls', 'httpsRedirect') || isHttp(protocolNamed(protocol))) continue;
      yield {
        path: [...path, 'tls', 'httpsRedirect'],
        part: 'key',
        message: `Field httpsRedirect has no effect on a server for ${protocol}.`,
        fix: 'Set it on the server for HTTP, the one whose requests are to be redirected.',
      };
    }
  }),
};
