import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { itemsAt, numberAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';

export const mirrorPercentageValid: Rule = {
  meta: {
    id: 'istio-validation/mirror-percentage-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'error',
    summary: 'The share of mirrored requests is between 0 and 100.',
    why: 'Istiod refuses the VirtualService, so that its routes never take effect.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute-mirror_percentage',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews }
      mirror: { host: reviews-next }
      mirrorPercentage: { value: 150 }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews }
      mirror: { host: reviews-next }
      mirrorPercentage: { value: 0.5 }
`,
  },
  check: judging(VIRTUAL_SERVICE, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { item, path } of itemsAt(body, 'spec', 'http')) {
    const places = [
      ...['mirrorPercent', 'mirror_percent'].map((field) => [field]),
      ['mirrorPercentage', 'value'],
      ...itemsAt(item, 'mirrors').map((mirror) => [...mirror.path, 'percentage', 'value']),
    ];
    for (const place of places) {
      const share = numberAt(item, ...place);
      if (share === undefined || (share >= 0 && share <= 100)) continue;
      yield { path: [...path, ...place], message: `Percentage ${share} is not between 0 and 100.`, fix: 'Write a share of 100.' };
    }
  }
}
