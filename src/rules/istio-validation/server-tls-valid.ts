import { GATEWAY, SIDECAR } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { judging, under } from './_flaws.ts';
import { serverTlsFlaws, serverTlsOf } from './_server-tls.ts';

export const serverTlsValid: Rule = {
  meta: {
    id: 'istio-validation/server-tls-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.Gateway', 'schema.ValidationAnalyzer.Sidecar'],
    severity: 'error',
    summary: 'TLS settings of servers come from one source, and are complete for their mode.',
    why: 'Istiod refuses the object, so that it never takes effect.',
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
      tls: { mode: MUTUAL, serverCertificate: /etc/certs/shop.pem, privateKey: /etc/certs/shop-key.pem }
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
      tls: { mode: MUTUAL, credentialName: shop }
`,
  },
  check: judging([GATEWAY, SIDECAR], function* (resource) {
    for (const { tls, path } of serverTlsOf(resource)) yield* under(path, serverTlsFlaws(tls));
  }),
};
