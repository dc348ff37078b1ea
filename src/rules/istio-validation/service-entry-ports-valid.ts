import { SERVICE_ENTRY } from '../../mesh/istio/kinds.ts';
import { itemsAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging, under } from './_flaws.ts';
import { portNameFlaws, protocolFlaws } from './_ports.ts';

export const serviceEntryPortsValid: Rule = {
  meta: {
    id: 'istio-validation/service-entry-ports-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.ServiceEntry'],
    severity: 'error',
    summary: 'Ports of a ServiceEntry have a DNS label as name, and a protocol that Istio knows.',
    why: 'Istiod refuses the ServiceEntry, so that its hosts stay unknown to the mesh.',
    inputs: [SERVICE_ENTRY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/service-entry/#ServicePort',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [api.example.com]
  ports: [{ number: 443, name: tls, protocol: SSL }]
  resolution: DNS
`,
    good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [api.example.com]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: DNS
`,
  },
  check: judging(SERVICE_ENTRY, function* ({ body }): Iterable<Flaw> {
    for (const { item, path } of itemsAt(body, 'spec', 'ports')) {
      yield* under(path, portNameFlaws(item));
      yield* under(path, protocolFlaws(item, true));
    }
  }),
};
