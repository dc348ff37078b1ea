import { SERVICE_ENTRY, WORKLOAD_ENTRY } from '../../mesh/istio/kinds.ts';
import { itemsAt, objectAt, stringAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';

export const workloadAddressSet: Rule = {
  meta: {
    id: 'istio-validation/workload-address-set',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.WorkloadEntry', 'schema.ValidationAnalyzer.ServiceEntry'],
    severity: 'warning',
    summary: 'Endpoints in other networks have an address of their own.',
    why: 'Proxies of the same network have no address to send to, and those of others need a gateway of that network.',
    inputs: [WORKLOAD_ENTRY, SERVICE_ENTRY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/workload-entry/#WorkloadEntry-address',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: reviews, namespace: shop }
spec:
  network: network-2
  labels: { app: reviews }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: reviews, namespace: shop }
spec:
  address: 10.2.0.1
  network: network-2
  labels: { app: reviews }
`,
  },
  check: judging([WORKLOAD_ENTRY, SERVICE_ENTRY], flawsOf),
};

function* flawsOf({ kind, body }: Resource): Iterable<Flaw> {
  const isStatic = stringAt(body, 'spec', 'resolution') === 'STATIC';
  const entries =
    kind === WORKLOAD_ENTRY ? [{ item: objectAt(body, 'spec'), path: ['spec'] }] : isStatic ? itemsAt(body, 'spec', 'endpoints') : [];
  for (const { item, path } of entries) {
    const network = stringAt(item, 'network');
    if (!network || stringAt(item, 'address')) continue;
    yield {
      path: [...path, 'network'],
      message: `The endpoint of network "${network}" has no address, so it is reached by a gateway of that network alone.`,
      fix: 'Add its address, unless no workload of the same network is to reach it.',
    };
  }
}
