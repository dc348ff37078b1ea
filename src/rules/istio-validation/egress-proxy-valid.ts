import { SIDECAR } from '../../mesh/istio/kinds.ts';
import { objectAt, stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { destinationFlaws } from './_destinations.ts';
import { type Flaw, isSet, judging } from './_flaws.ts';

export const egressProxyValid: Rule = {
  meta: {
    id: 'istio-validation/egress-proxy-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.Sidecar'],
    severity: 'error',
    summary: 'The egress proxy of a Sidecar is a host with a port, for traffic of any kind.',
    why: 'Istiod refuses the Sidecar, so that proxies keep the configuration they have.',
    inputs: [SIDECAR],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/sidecar/#OutboundTrafficPolicy',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  outboundTrafficPolicy:
    mode: REGISTRY_ONLY
    egressProxy: { host: egress.istio-system.svc.cluster.local, port: { number: 8443 } }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  outboundTrafficPolicy:
    mode: ALLOW_ANY
    egressProxy: { host: egress.istio-system.svc.cluster.local, port: { number: 8443 } }
`,
  },
  check: judging(SIDECAR, function* ({ body }): Iterable<Flaw> {
    const policy = objectAt(body, 'spec', 'outboundTrafficPolicy');
    const path = ['spec', 'outboundTrafficPolicy', 'egressProxy'];
    if (!isSet(policy, 'egressProxy')) return;
    const mode = stringAt(policy, 'mode') ?? 'REGISTRY_ONLY';
    if (mode !== 'ALLOW_ANY') {
      yield {
        path,
        part: 'key',
        message: `Mode ${mode} lets out nothing that egressProxy could take.`,
        fix: 'Write mode ALLOW_ANY, or remove egressProxy.',
      };
      return;
    }
    const proxy = objectAt(policy, 'egressProxy');
    if (!isSet(proxy, 'port')) yield { path, part: 'key', message: 'The egress proxy has no port.', fix: 'Add "port: { number: … }".' };
    yield* destinationFlaws({ destination: proxy, path });
  }),
};
