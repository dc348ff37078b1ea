import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { itemsAt, objectAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { bodyBytes, MOST_BYTES } from './_direct-responses.ts';
import { type Flaw, judging, under } from './_flaws.ts';
import { statusFlaws } from './_statuses.ts';

export const directResponseValid: Rule = {
  meta: {
    id: 'istio-validation/direct-response-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'error',
    summary: 'A direct response has a status of HTTP and a body below 1 MiB.',
    why: 'Istiod refuses the VirtualService, so that its routes never take effect.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPDirectResponse',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - directResponse: { status: 99 }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - directResponse: { status: 503, body: { string: "closed for maintenance" } }
`,
  },
  check: judging(VIRTUAL_SERVICE, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { item, path } of itemsAt(body, 'spec', 'http')) {
    const response = objectAt(item, 'directResponse');
    yield* under([...path, 'directResponse'], statusFlaws(response, 'status'));
    const size = bodyBytes(response);
    if (size <= MOST_BYTES) continue;
    yield {
      path: [...path, 'directResponse', 'body'],
      part: 'key',
      message: `The body of the direct response has ${size} bytes, more than ${MOST_BYTES}.`,
      fix: 'Serve it from a workload.',
    };
  }
}
