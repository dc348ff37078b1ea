import { SIDECAR } from '../../mesh/istio/kinds.ts';
import { itemsAt, objectAt, stringAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging } from './_flaws.ts';

export const sidecarTlsSupported: Rule = {
  meta: {
    id: 'istio-validation/sidecar-tls-supported',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.Sidecar'],
    severity: 'error',
    summary: 'Ingress listeners of a Sidecar end TLS by files, on ports for TLS.',
    why: 'Istiod refuses the Sidecar, so that proxies keep the configuration they have.',
    inputs: [SIDECAR],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener-tls',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  ingress:
    - port: { number: 9443, protocol: HTTPS, name: https }
      tls: { mode: SIMPLE, credentialName: reviews }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  ingress:
    - port: { number: 9443, protocol: HTTPS, name: https }
      tls: { mode: SIMPLE, serverCertificate: /etc/certs/reviews.pem, privateKey: /etc/certs/reviews-key.pem }
`,
  },
  check: judging(SIDECAR, flawsOf),
};

const UNSUPPORTED = ['subjectAltNames', 'httpsRedirect', 'credentialName', 'credentialNames', 'tlsCertificates'];
const UNSUPPORTED_MODES: ReadonlySet<string> = new Set(['ISTIO_MUTUAL', 'AUTO_PASSTHROUGH']);

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { item, path } of itemsAt(body, 'spec', 'ingress')) {
    if (!isSet(item, 'tls') || !isSet(item, 'port')) continue;
    const tls = objectAt(item, 'tls');
    for (const field of UNSUPPORTED) {
      const value = tls[field];
      if (!value || (Array.isArray(value) && value.length === 0)) continue;
      yield {
        path: [...path, 'tls', field],
        part: 'key',
        message: `A Sidecar cannot use ${field}.`,
        fix: 'Remove it; certificates are read from files in the proxy.',
      };
    }
    const mode = stringAt(tls, 'mode') ?? '';
    if (UNSUPPORTED_MODES.has(mode)) {
      yield {
        path: [...path, 'tls', 'mode'],
        message: `A Sidecar cannot use mode ${mode}.`,
        fix: 'Use SIMPLE or MUTUAL; for mTLS of the mesh remove tls.',
      };
    }
    const protocol = stringAt(item, 'port', 'protocol') ?? '';
    if (/^(?:https|tls)$/i.test(protocol)) continue;
    yield {
      path: [...path, 'tls'],
      part: 'key',
      message: `The listener has TLS settings, but its protocol is ${protocol === '' ? 'not given' : `"${protocol}"`}.`,
      fix: 'Write protocol HTTPS or TLS, or remove tls.',
    };
  }
}
