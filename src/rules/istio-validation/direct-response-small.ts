import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { itemsAt, objectAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { bodyBytes, MOST_BYTES, SMALL_BYTES } from './_direct-responses.ts';
import { type Flaw, judging } from './_flaws.ts';

const example = (text: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - directResponse: { status: 503, body: { string: "${text}" } }
`;

export const directResponseSmall: Rule = {
  meta: {
    id: 'istio-validation/direct-response-small',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'warning',
    summary: 'The body of a direct response has 100 KiB at the most.',
    why: 'The body is a part of the routes that istiod makes and sends to each proxy concerned, again at each change, so that a large one slows the control plane down. Istiod warns of it.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPDirectResponse',
    since: '0.1.0',
    bad: example('x'.repeat(SMALL_BYTES + 1)),
    good: example('closed for maintenance'),
  },
  check: judging(VIRTUAL_SERVICE, function* ({ body }): Iterable<Flaw> {
    for (const { item, path } of itemsAt(body, 'spec', 'http')) {
      const size = bodyBytes(objectAt(item, 'directResponse'));
      // What istiod refuses is another rule's business.
      if (size <= SMALL_BYTES || size > MOST_BYTES) continue;
      yield {
        path: [...path, 'directResponse', 'body'],
        part: 'key',
        message: `The body of the direct response has ${size} bytes, more than ${SMALL_BYTES}, and goes to each proxy with its routes.`,
        fix: 'Serve it from a workload.',
      };
    }
  }),
};
