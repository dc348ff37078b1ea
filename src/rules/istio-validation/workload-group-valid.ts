import { WORKLOAD_GROUP } from '../../mesh/istio/kinds.ts';
import { has, itemsAt, listAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging, under } from './_flaws.ts';
import { labelFlaws } from './_labels.ts';

export const workloadGroupValid: Rule = {
  meta: {
    id: 'istio-validation/workload-group-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.WorkloadGroup'],
    severity: 'error',
    summary: 'A WorkloadGroup has labels that workloads can have, and a probe that the agent can make.',
    why: 'Istiod refuses the WorkloadGroup, so that its machines cannot join the mesh.',
    inputs: [WORKLOAD_GROUP],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/workload-group/#ReadinessProbe',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: reviews, namespace: shop }
spec:
  template: { serviceAccount: reviews }
  probe:
    periodSeconds: 5
`,
    good: `
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: reviews, namespace: shop }
spec:
  template: { serviceAccount: reviews }
  probe:
    periodSeconds: 5
    httpGet: { port: 8080, path: /ready }
`,
  },
  check: judging(WORKLOAD_GROUP, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  yield* under(['spec', 'metadata'], labelFlaws(objectAt(body, 'spec', 'metadata'), 'labels'));
  if (isSet(objectAt(body, 'spec'), 'probe')) yield* under(['spec', 'probe'], ofProbe(objectAt(body, 'spec', 'probe')));
}

function* ofProbe(probe: Body): Iterable<Flaw> {
  if (!['httpGet', 'tcpSocket', 'exec', 'grpc'].some((field) => isSet(probe, field))) {
    yield { path: [], part: 'key', message: 'The probe does not say what to ask.', fix: 'Add httpGet, tcpSocket or exec.' };
  }
  if (isSet(probe, 'grpc')) {
    yield {
      path: ['grpc'],
      part: 'key',
      message: 'Istiod knows no probe by grpc, although the agent does.',
      fix: 'Use httpGet, tcpSocket or exec.',
    };
  }
  if (has(probe, 'exec', 'command') && listAt(probe, 'exec', 'command').length === 0) {
    yield {
      path: ['exec', 'command'],
      part: 'key',
      message: 'The command of the probe is empty.',
      fix: 'Write the command and its arguments.',
    };
  }
  for (const { item, path } of itemsAt(probe, 'httpGet', 'httpHeaders')) {
    const name = stringAt(item, 'name') ?? '';
    // What is allowed nowhere, the schema says.
    if (name === '' ? has(item, 'name') : !name.includes('_')) continue;
    yield {
      path: [...path, ...('name' in item ? ['name'] : [])],
      message: name === '' ? 'A header of the probe has no name.' : `"${name}" is not a name of a header that probes may send.`,
      fix: 'Use letters, digits and dashes.',
    };
  }
}
