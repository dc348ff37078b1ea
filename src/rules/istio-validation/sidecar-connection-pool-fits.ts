import { SIDECAR } from '../../mesh/istio/kinds.ts';
import { isHttp, protocolNamed } from '../../mesh/istio/protocol.ts';
import { itemsAt, objectAt, stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging } from './_flaws.ts';

export const sidecarConnectionPoolFits: Rule = {
  meta: {
    id: 'istio-validation/sidecar-connection-pool-fits',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.Sidecar'],
    severity: 'warning',
    summary: 'Only HTTP listeners of a Sidecar limit requests.',
    why: 'The limits are not applied: proxies count connections alone on such a port.',
    inputs: [SIDECAR],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener-connection_pool',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  ingress:
    - port: { number: 9000, protocol: TCP, name: tcp }
      connectionPool: { http: { http1MaxPendingRequests: 10 } }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  ingress:
    - port: { number: 9000, protocol: HTTP, name: http }
      connectionPool: { http: { http1MaxPendingRequests: 10 } }
`,
  },
  check: judging(SIDECAR, function* ({ body }): Iterable<Flaw> {
    for (const { item, path } of itemsAt(body, 'spec', 'ingress')) {
      const protocol = stringAt(item, 'port', 'protocol') ?? '';
      if (!isSet(item, 'port') || !isSet(objectAt(item, 'connectionPool'), 'http') || isHttp(protocolNamed(protocol))) continue;
      yield {
        path: [...path, 'connectionPool', 'http'],
        part: 'key',
        message: `Settings for requests have no effect on a port ${protocol === '' ? 'without a protocol' : `of protocol "${protocol}"`}.`,
        fix: 'Set the tcp settings of the pool, or declare the port as HTTP.',
      };
    }
  }),
};
