import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { has, itemsAt, objectAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging } from './_flaws.ts';

export const faultAbortHasStatus: Rule = {
  meta: {
    id: 'istio-validation/fault-abort-has-status',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'warning',
    summary: 'An injected abort says with which status.',
    why: 'Without a status the abort has no effect: the fault that was meant to be tested does not happen.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection-Abort',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - fault:
        abort: { percentage: { value: 10 } }
      route:
        - destination: { host: reviews }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - fault:
        abort: { httpStatus: 503, percentage: { value: 10 } }
      route:
        - destination: { host: reviews }
`,
    differs: 'Istiod means to warn of it too, but loses the warning on its way.',
  },
  check: judging(VIRTUAL_SERVICE, function* ({ body }): Iterable<Flaw> {
    for (const { item, path } of itemsAt(body, 'spec', 'http')) {
      const abort = objectAt(item, 'fault', 'abort');
      if (!isSet(objectAt(item, 'fault'), 'abort') || ['httpStatus', 'grpcStatus', 'http2Error'].some((field) => has(abort, field)))
        continue;
      yield {
        path: [...path, 'fault', 'abort'],
        part: 'key',
        message: 'The abort has neither httpStatus nor grpcStatus, so no request is aborted.',
        fix: 'Add httpStatus or grpcStatus.',
      };
    }
  }),
};
