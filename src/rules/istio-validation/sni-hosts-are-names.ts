import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { stringsAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { isIpAddress } from './_addresses.ts';
import { type Flaw, judging } from './_flaws.ts';
import { matchesOf } from './_matches.ts';

export const sniHostsAreNames: Rule = {
  meta: {
    id: 'istio-validation/sni-hosts-are-names',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'warning',
    summary: 'No tls rule matches an IP address as the SNI host.',
    why: 'Clients that ask for an address send no server name, so that the rule matches none of their connections.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://datatracker.ietf.org/doc/html/rfc6066#section-3',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ledger, namespace: shop }
spec:
  hosts: [10.1.2.3]
  tls:
    - match:
        - sniHosts: [10.1.2.3]
      route:
        - destination: { host: ledger }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ledger, namespace: shop }
spec:
  hosts: [ledger.example.com]
  tls:
    - match:
        - sniHosts: [ledger.example.com]
      route:
        - destination: { host: ledger }
`,
  },
  check: judging(VIRTUAL_SERVICE, function* ({ body }): Iterable<Flaw> {
    for (const { protocol, item, path } of matchesOf(body)) {
      if (protocol !== 'tls') continue;
      for (const host of stringsAt(item, 'sniHosts')) {
        if (!isIpAddress(host.value)) continue;
        yield {
          path: [...path, ...host.path],
          message: `SNI host "${host.value}" is an IP address, which clients do not send as a server name.`,
          fix: 'Match the DNS name, or the address by a tcp rule with destinationSubnets.',
        };
      }
    }
  }),
};
