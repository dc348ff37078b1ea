import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { has, numberAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { EACH, fieldsAt } from './_fields.ts';

export const mirrorPercentReplaced: Rule = {
  meta: {
    id: 'istio-deprecation/mirror-percent-replaced',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'warning',
    fixable: true,
    summary: 'The share of mirrored requests is given by mirrorPercentage.',
    why: 'The integer mirrorPercent is deprecated, and ignored as soon as mirrorPercentage is set too.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute-mirror_percent',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [ratings]
  http:
    - mirror: { host: ratings-next }
      mirrorPercent: 10
      route:
        - destination: { host: ratings }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [ratings]
  http:
    - mirror: { host: ratings-next }
      mirrorPercentage: { value: 10 }
      route:
        - destination: { host: ratings }
`,
  },
  *check(resources) {
    for (const virtualService of resources.all(VIRTUAL_SERVICE)) {
      for (const { value: rule, path } of fieldsAt(virtualService.body, [['spec', 'http', EACH]])) {
        for (const field of ['mirrorPercent', 'mirror_percent']) {
          const percent = numberAt(rule, field);
          if (percent === undefined) continue;
          const replaced = has(rule, 'mirrorPercentage');
          const old = [...path, field];
          yield {
            at: virtualService,
            path: old,
            part: 'key',
            message: `Field "${field}" in VirtualService "${virtualService.name}" is deprecated${replaced ? ', and ignored because "mirrorPercentage" is set' : ''}.`,
            fix: replaced ? `Remove ${field}.` : `Write "mirrorPercentage: { value: ${percent} }" instead.`,
            edits: [
              replaced
                ? { is: 'remove', path: old }
                : { is: 'move', path: old, to: [...path, 'mirrorPercentage'], value: { value: percent } },
            ],
          };
        }
      }
    }
  },
};
