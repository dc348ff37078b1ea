import { SERVICE_ENTRY } from '../../mesh/istio/kinds.ts';
import { objectAt, stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging } from './_flaws.ts';

export const serviceEntrySelectorUsed: Rule = {
  meta: {
    id: 'istio-validation/service-entry-selector-used',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.ServiceEntry'],
    severity: 'warning',
    summary: 'A ServiceEntry that selects workloads resolves to them.',
    why: 'Traffic goes to the address that the client looked up, not to the workloads.',
    inputs: [SERVICE_ENTRY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-workload_selector',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [api.example.com]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: NONE
  workloadSelector:
    labels: { app: api }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [api.example.com]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: STATIC
  workloadSelector:
    labels: { app: api }
`,
  },
  check: judging(SERVICE_ENTRY, function* ({ body }): Iterable<Flaw> {
    const resolution = stringAt(body, 'spec', 'resolution');
    if (!isSet(objectAt(body, 'spec'), 'workloadSelector') || (resolution !== undefined && resolution !== 'NONE')) return;
    yield {
      path: ['spec', 'workloadSelector'],
      part: 'key',
      message: `The workloads selected are not used: resolution NONE${resolution === undefined ? ', the default,' : ''} sends traffic where the client sent it.`,
      fix: 'Write resolution STATIC, or remove workloadSelector.',
    };
  }),
};
