import { SERVICE_ENTRY } from '../../mesh/istio/kinds.ts';
import { stringsAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';
import { hostProblem } from './_names.ts';

export const serviceEntryHostsValid: Rule = {
  meta: {
    id: 'istio-validation/service-entry-hosts-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.ServiceEntry'],
    severity: 'error',
    summary: 'Hosts of a ServiceEntry are DNS names, which may be wildcards.',
    why: 'Istiod refuses the ServiceEntry, so that its hosts stay unknown to the mesh.',
    inputs: [SERVICE_ENTRY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-hosts',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: ["https://api.example.com"]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: NONE
`,
    good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [api.example.com, "*.example.org"]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: NONE
`,
  },
  check: judging(SERVICE_ENTRY, function* ({ body }): Iterable<Flaw> {
    for (const { value, path } of stringsAt(body, 'spec', 'hosts')) {
      const problem = hostProblem(value);
      if (problem)
        yield { path, message: `Host "${value}" is not valid: ${problem}.`, fix: 'Write a DNS name, which may start with "*.".' };
    }
  }),
};
