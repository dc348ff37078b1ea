import { DESTINATION_RULE } from '../../mesh/istio/kinds.ts';
import { booleanAt, listAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging, under } from './_flaws.ts';
import { trafficPolicies } from './_traffic-policies.ts';

export const clientTlsValid: Rule = {
  meta: {
    id: 'istio-validation/client-tls-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.DestinationRule'],
    severity: 'error',
    summary: 'TLS settings of clients come from one source, and are complete for their mode.',
    why: 'Istiod refuses the DestinationRule, so that its policy never takes effect.',
    inputs: [DESTINATION_RULE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    tls: { mode: MUTUAL, clientCertificate: /etc/certs/client.pem, caCertificates: /etc/certs/ca.pem }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    tls: { mode: MUTUAL, clientCertificate: /etc/certs/client.pem, privateKey: /etc/certs/client-key.pem, caCertificates: /etc/certs/ca.pem }
`,
  },
  check: judging(DESTINATION_RULE, flawsOf),
};

function* flawsOf({ body, namespace }: Resource): Iterable<Flaw> {
  for (const { policy, path } of trafficPolicies(body)) yield* under([...path, 'tls'], ofTls(objectAt(policy, 'tls'), namespace));
}

const FILES = ['clientCertificate', 'privateKey', 'caCertificates', 'caCrl'];
const CONFIG_MAP_REFERENCE = 'configmap://';

function* ofTls(tls: Body, namespace: string): Iterable<Flaw> {
  const mode = stringAt(tls, 'mode');
  const credential = stringAt(tls, 'credentialName') ?? '';
  if (credential.startsWith(CONFIG_MAP_REFERENCE)) {
    const [owner = '', name = ''] = credential.slice(CONFIG_MAP_REFERENCE.length).split('/');
    if (owner !== namespace || name === '') {
      yield {
        path: ['credentialName'],
        message: `"${credential}" is not a ConfigMap of namespace "${namespace}", the only one that may be read here.`,
        fix: `Write "${CONFIG_MAP_REFERENCE}${namespace}/NAME".`,
      };
    }
  }
  if (mode !== 'SIMPLE' && mode !== 'MUTUAL') return;
  yield* unverified(tls, mode);
  if (credential) {
    for (const field of FILES) {
      if (!stringAt(tls, field)) continue;
      yield {
        path: [field],
        part: 'key',
        message: `Field ${field} is set beside credentialName "${credential}", which holds it.`,
        fix: `Remove ${field} or credentialName.`,
      };
    }
    return;
  }
  if (mode === 'SIMPLE') return;
  for (const field of ['clientCertificate', 'privateKey']) {
    if (stringAt(tls, field)) continue;
    yield { path: ['mode'], message: `Mode MUTUAL has no ${field}.`, fix: `Set ${field}, or credentialName for gateways.` };
  }
}

/** What says how to verify the server has no place beside insecureSkipVerify. */
function* unverified(tls: Body, mode: string): Iterable<Flaw> {
  if (!booleanAt(tls, 'insecureSkipVerify')) return;
  // A credential for MUTUAL may hold the certificate of the client alone.
  const fields = ['caCertificates', ...(mode === 'SIMPLE' ? ['credentialName'] : []), 'subjectAltNames'];
  for (const field of fields) {
    if (!stringAt(tls, field) && listAt(tls, field).length === 0) continue;
    yield {
      path: [field],
      part: 'key',
      message: `Field ${field} says how to verify the server, which insecureSkipVerify switches off.`,
      fix: `Remove ${field} or insecureSkipVerify.`,
    };
  }
}
