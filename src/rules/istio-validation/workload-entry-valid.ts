import { WORKLOAD_ENTRY } from '../../mesh/istio/kinds.ts';
import { objectAt, stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { endpointAddressFlaws } from './_endpoints.ts';
import { type Flaw, judging, under } from './_flaws.ts';
import { labelFlaws } from './_labels.ts';

export const workloadEntryValid: Rule = {
  meta: {
    id: 'istio-validation/workload-entry-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.WorkloadEntry'],
    severity: 'error',
    summary: 'A WorkloadEntry has an address and labels that a workload can have.',
    why: 'Istiod refuses the WorkloadEntry, so that the machine never joins the mesh.',
    inputs: [WORKLOAD_ENTRY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/workload-entry/#WorkloadEntry',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: reviews, namespace: shop }
spec:
  address: vm_1.example.com
  labels: { app: reviews }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: reviews, namespace: shop }
spec:
  address: vm-1.example.com
  labels: { app: reviews }
`,
  },
  check: judging(WORKLOAD_ENTRY, function* ({ body }): Iterable<Flaw> {
    const spec = objectAt(body, 'spec');
    if (stringAt(spec, 'address') === '' && !stringAt(spec, 'network')) {
      yield { path: ['spec', 'address'], message: 'The address is empty.', fix: 'Write the address of the workload.' };
    }
    yield* under(['spec'], endpointAddressFlaws(spec, true));
    yield* under(['spec'], labelFlaws(spec, 'labels'));
  }),
};
