import { DESTINATION_RULE } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { tlsSettings, unverified } from './_tls.ts';

export const caCertificatesSet: Rule = {
  meta: {
    id: 'istio-destination/ca-certificates-set',
    aliases: ['IST0128'],
    analyzers: ['destinationrule.CaCertificateAnalyzer'],
    severity: 'warning',
    summary: 'DestinationRules that originate TLS say which authority vouches for the server.',
    why: 'Without caCertificates any server with a certificate of any known authority passes for the destination, or the certificate is not checked at all.',
    inputs: [DESTINATION_RULE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0128/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ledger-tls, namespace: shop }
spec:
  host: ledger.bank.svc.cluster.local
  trafficPolicy:
    tls:
      mode: SIMPLE
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ledger-tls, namespace: shop }
spec:
  host: ledger.bank.svc.cluster.local
  trafficPolicy:
    tls:
      mode: SIMPLE
      caCertificates: /etc/certs/bank-ca.pem
`,
    differs:
      'Traffic policies of subsets are looked at too, and a credentialName of the form configmap://… counts as an authority. Recent Istio checks by the authorities of the operating system when none is named: the message says so, and hosts outside of the cluster, for which those are meant, are passed over.',
  },
  *check(resources) {
    for (const rule of resources.all(DESTINATION_RULE)) {
      for (const settings of tlsSettings(rule)) {
        if (settings.port === undefined) yield* unverified(rule, settings, resources.settings.clusterDomain);
      }
    }
  },
};
