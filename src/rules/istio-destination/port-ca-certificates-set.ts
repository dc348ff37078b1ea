import { DESTINATION_RULE } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { tlsSettings, unverified } from './_tls.ts';

export const portCaCertificatesSet: Rule = {
  meta: {
    id: 'istio-destination/port-ca-certificates-set',
    aliases: ['IST0129'],
    analyzers: ['destinationrule.CaCertificateAnalyzer'],
    severity: 'warning',
    summary: 'DestinationRules that originate TLS for a single port say which authority vouches for the server.',
    why: 'TLS settings of a port replace those of the whole rule, caCertificates included, so any server with a certificate of any known authority passes for the destination.',
    inputs: [DESTINATION_RULE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0129/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ledger-tls, namespace: shop }
spec:
  host: ledger.bank.svc.cluster.local
  trafficPolicy:
    portLevelSettings:
      - port: { number: 8443 }
        tls:
          mode: MUTUAL
          clientCertificate: /etc/certs/shop.pem
          privateKey: /etc/certs/shop.key
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ledger-tls, namespace: shop }
spec:
  host: ledger.bank.svc.cluster.local
  trafficPolicy:
    portLevelSettings:
      - port: { number: 8443 }
        tls:
          mode: MUTUAL
          clientCertificate: /etc/certs/shop.pem
          privateKey: /etc/certs/shop.key
          caCertificates: /etc/certs/bank-ca.pem
`,
    differs:
      'Traffic policies of subsets are looked at too, and a credentialName of the form configmap://… counts as an authority. Silent for hosts outside of the cluster, whose public authorities proxies know.',
  },
  *check(resources) {
    for (const rule of resources.all(DESTINATION_RULE)) {
      for (const settings of tlsSettings(rule)) {
        if (settings.port !== undefined) yield* unverified(rule, settings, resources.settings.clusterDomain);
      }
    }
  },
};
