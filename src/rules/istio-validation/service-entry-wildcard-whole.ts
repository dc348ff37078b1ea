import { SERVICE_ENTRY } from '../../mesh/istio/kinds.ts';
import { stringAt, stringsAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';
import { isPartialWildcard } from './_names.ts';

export const serviceEntryWildcardWhole: Rule = {
  meta: {
    id: 'istio-validation/service-entry-wildcard-whole',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.ServiceEntry'],
    severity: 'warning',
    summary: 'Wildcard hosts of a ServiceEntry stand for whole labels.',
    why: 'Proxies match such a host by whole labels, so that it may not cover what it seems to.',
    inputs: [SERVICE_ENTRY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-hosts',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: ["*api.example.com"]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: NONE
`,
    good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: ["*.api.example.com"]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: NONE
`,
  },
  check: judging(SERVICE_ENTRY, function* ({ body }): Iterable<Flaw> {
    if (stringAt(body, 'spec', 'resolution') === 'DYNAMIC_DNS') return;
    for (const { value, path } of stringsAt(body, 'spec', 'hosts')) {
      if (!isPartialWildcard(value)) continue;
      yield {
        path,
        message: `The wildcard of host "${value}" stands for a part of a label only.`,
        fix: 'Write "*." before the rest of the name.',
      };
    }
  }),
};
