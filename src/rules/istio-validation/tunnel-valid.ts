import { DESTINATION_RULE } from '../../mesh/istio/kinds.ts';
import { objectAt, stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { isIpAddress } from './_addresses.ts';
import { type Flaw, judging, under } from './_flaws.ts';
import { nameProblem } from './_names.ts';
import { portFlaws } from './_ports.ts';
import { trafficPolicies } from './_traffic-policies.ts';

export const tunnelValid: Rule = {
  meta: {
    id: 'istio-validation/tunnel-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.DestinationRule'],
    severity: 'error',
    summary: 'A tunnel leads to a host and port, by CONNECT or POST.',
    why: 'Istiod refuses the DestinationRule, so that its policy never takes effect.',
    inputs: [DESTINATION_RULE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy-TunnelSettings',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    tunnel: { protocol: GET, targetHost: example.com, targetPort: 443 }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    tunnel: { protocol: CONNECT, targetHost: example.com, targetPort: 443 }
`,
  },
  check: judging(DESTINATION_RULE, function* ({ body }): Iterable<Flaw> {
    for (const { policy, path } of trafficPolicies(body)) {
      const tunnel = objectAt(policy, 'tunnel');
      const place = [...path, 'tunnel'];
      const protocol = stringAt(tunnel, 'protocol');
      if (protocol && protocol !== 'CONNECT' && protocol !== 'POST') {
        yield { path: [...place, 'protocol'], message: `"${protocol}" opens no tunnel.`, fix: 'Write "CONNECT" or "POST".' };
      }
      const host = stringAt(tunnel, 'targetHost');
      const problem = host === undefined || isIpAddress(host) ? undefined : nameProblem(host);
      if (problem) {
        yield {
          path: [...place, 'targetHost'],
          message: `Target "${host}" is not valid: ${problem}.`,
          fix: 'Write a DNS name or an IP address.',
        };
      }
      yield* under(place, portFlaws(tunnel, 'targetPort'));
    }
  }),
};
