import { GATEWAY } from '../../mesh/istio/kinds.ts';
import { isHttp, protocolNamed } from '../../mesh/istio/protocol.ts';
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging } from './_flaws.ts';

export const serverTlsFitsProtocol: Rule = {
  meta: {
    id: 'istio-validation/server-tls-fits-protocol',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.Gateway'],
    severity: 'error',
    summary: 'Servers for HTTPS and TLS have TLS settings, and others have none.',
    why: 'Istiod refuses the Gateway, so that its servers are never opened.',
    inputs: [GATEWAY],
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
      tls: { mode: SIMPLE, credentialName: shop }
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: ["*"]
      tls: { httpsRedirect: true }
`,
  },
  check: judging(GATEWAY, flawsOf),
};

/** For a server of HTTP httpsRedirect alone makes sense. */
const OF_TLS = ['caCertificates', 'privateKey', 'serverCertificate'];

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { item, path } of itemsAt(body, 'spec', 'servers')) {
    const written = stringAt(item, 'port', 'protocol') ?? '';
    const protocol = protocolNamed(written);
    if (!protocol) continue;
    const hasTls = isSet(item, 'tls');
    if (protocol === 'HTTPS' || protocol === 'TLS') {
      if (hasTls) continue;
      yield {
        path: [...path, 'port', 'protocol'],
        message: `The server for ${written} has no TLS settings.`,
        fix: 'Add tls with a mode, such as SIMPLE and its credentialName, or PASSTHROUGH.',
      };
    } else if (hasTls && !(isHttp(protocol) && isRedirectOnly(item))) {
      yield {
        path: [...path, 'tls'],
        part: 'key',
        message: `The server for ${written} must not have TLS settings${isHttp(protocol) ? ' other than httpsRedirect' : ''}.`,
        fix: `Write protocol ${isHttp(protocol) ? 'HTTPS' : 'TLS'}, or remove tls.`,
      };
    }
  }
}

function isRedirectOnly(server: Body): boolean {
  const mode = stringAt(server, 'tls', 'mode') ?? 'PASSTHROUGH';
  return (mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH') && !OF_TLS.some((field) => stringAt(server, 'tls', field));
}
