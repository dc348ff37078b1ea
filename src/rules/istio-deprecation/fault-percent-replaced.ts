import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { has, numberAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { EACH, fieldsAt } from './_fields.ts';

export const faultPercentReplaced: Rule = {
  meta: {
    id: 'istio-deprecation/fault-percent-replaced',
    aliases: ['IST0002'],
    analyzers: ['deprecation.DeprecationAnalyzer'],
    severity: 'warning',
    fixable: true,
    summary: 'The share of delayed requests is given by percentage.',
    why: 'The integer percent of a delay is deprecated, and ignored as soon as percentage is set too.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection-Delay',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ratings, namespace: shop }
spec:
  hosts: [ratings]
  http:
    - fault:
        delay:
          percent: 10
          fixedDelay: 5s
      route:
        - destination: { host: ratings }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ratings, namespace: shop }
spec:
  hosts: [ratings]
  http:
    - fault:
        delay:
          percentage: { value: 10 }
          fixedDelay: 5s
      route:
        - destination: { host: ratings }
`,
  },
  *check(resources) {
    for (const virtualService of resources.all(VIRTUAL_SERVICE)) {
      for (const { value: delay, path } of fieldsAt(virtualService.body, [['spec', 'http', EACH, 'fault', 'delay']])) {
        const percent = numberAt(delay, 'percent');
        if (percent === undefined) continue;
        const replaced = has(delay, 'percentage');
        const field = [...path, 'percent'];
        yield {
          at: virtualService,
          path: field,
          part: 'key',
          message: `Field "percent" of a fault delay in VirtualService "${virtualService.name}" is deprecated${replaced ? ', and ignored because "percentage" is set' : ''}.`,
          fix: replaced ? 'Remove percent.' : `Write "percentage: { value: ${percent} }" instead.`,
          edits: [
            replaced ? { is: 'remove', path: field } : { is: 'move', path: field, to: [...path, 'percentage'], value: { value: percent } },
          ],
        };
      }
    }
  },
};
