import { SERVICE_ENTRY } from '../../mesh/istio/kinds.ts';
import { stringsAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { isAddressOrNetwork } from './_addresses.ts';
import { type Flaw, judging } from './_flaws.ts';

export const serviceEntryAddressesValid: Rule = {
  meta: {
    id: 'istio-validation/service-entry-addresses-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.ServiceEntry'],
    severity: 'error',
    summary: 'Addresses of a ServiceEntry are IP addresses or ranges of them.',
    why: 'Istiod refuses the ServiceEntry, so that its hosts stay unknown to the mesh.',
    inputs: [SERVICE_ENTRY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-addresses',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [db.example.com]
  addresses: [10.0.0.300]
  ports: [{ number: 3306, name: mysql, protocol: MYSQL }]
  resolution: NONE
`,
    good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [db.example.com]
  addresses: [10.0.0.30, 10.1.0.0/16]
  ports: [{ number: 3306, name: mysql, protocol: MYSQL }]
  resolution: NONE
`,
  },
  check: judging(SERVICE_ENTRY, function* ({ body }): Iterable<Flaw> {
    for (const { value, path } of stringsAt(body, 'spec', 'addresses')) {
      if (isAddressOrNetwork(value)) continue;
      yield {
        path,
        message: `"${value}" is neither an IP address nor a range of them.`,
        fix: 'Write an address, or a range such as "10.0.0.0/8".',
      };
    }
  }),
};
