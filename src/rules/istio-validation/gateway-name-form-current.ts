import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';
import { gatewayLists } from './_gateway-names.ts';
import { nameProblem } from './_names.ts';

export const gatewayNameFormCurrent: Rule = {
  meta: {
    id: 'istio-validation/gateway-name-form-current',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'warning',
    summary: 'Gateways of other namespaces are written "namespace/name".',
    why: 'The form "name.namespace.svc.cluster.local" is one of old, of which Istio reads the first two labels only.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService-gateways',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews.example.com]
  gateways: [public.ingress.svc.cluster.local]
  http:
    - route:
        - destination: { host: reviews }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews.example.com]
  gateways: [ingress/public]
  http:
    - route:
        - destination: { host: reviews }
`,
    differs: 'Every name is looked at; istiod stops at the first one without a namespace.',
  },
  check: judging(VIRTUAL_SERVICE, function* ({ body }): Iterable<Flaw> {
    for (const { value, path } of gatewayLists(body).flat()) {
      const [name, namespace] = value.split('.');
      if (value.includes('/') || !namespace || nameProblem(value)) continue;
      yield { path, message: `Gateway "${value}" is written in a form of old.`, fix: `Write "${namespace}/${name}".` };
    }
  }),
};
