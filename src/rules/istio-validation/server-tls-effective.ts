import { GATEWAY, SIDECAR } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { judging, under } from './_flaws.ts';
import { ineffectiveTls, serverTlsOf } from './_server-tls.ts';

export const serverTlsEffective: Rule = {
  meta: {
    id: 'istio-validation/server-tls-effective',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.Gateway', 'schema.ValidationAnalyzer.Sidecar'],
    severity: 'warning',
    summary: 'TLS settings of servers are none that proxies ignore.',
    why: 'The server runs, but not as the settings say.',
    inputs: [GATEWAY, SIDECAR],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings',
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
      tls: { mode: PASSTHROUGH, credentialName: shop }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: reviews, namespace: shop }
spec:
  selector: { app: gateway }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: ["*"]
      tls: { mode: SIMPLE, credentialName: shop, cipherSuites: [ECDHE-RSA-AES128-GCM-SHA256] }
`,
  },
  check: judging([GATEWAY, SIDECAR], function* (resource) {
    for (const { tls, path } of serverTlsOf(resource)) yield* under(path, ineffectiveTls(tls));
  }),
};
