import { SYSTEM_NAMESPACES } from '../../mesh/istio/injection.ts';
import { SERVICE } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { isExternalName, undeclaredPorts } from './_port-names.ts';

export const portProtocolNamed: Rule = {
  meta: {
    id: 'istio-service/port-protocol-named',
    aliases: ['IST0118'],
    analyzers: ['service.PortNameAnalyzer'],
    severity: 'info',
    fixable: true,
    summary: 'Every port of a Service tells its protocol by its name or by appProtocol.',
    why: 'Proxies detect the protocol from the first bytes instead, which delays protocols where the server speaks first and lets no HTTP policy apply to what is not detected as HTTP.',
    inputs: [SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  selector: { app: reviews }
  ports:
    - name: api-grpc
      port: 9080
`,
    good: `
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  selector: { app: reviews }
  ports:
    - name: grpc-api
      port: 9080
    - name: metrics
      appProtocol: http
      port: 15020
`,
    differs: 'SCTP ports are passed over like UDP ones, because proxies handle neither.',
  },
  *check(resources) {
    for (const service of resources.all(SERVICE)) {
      if (isExternalName(service) || SYSTEM_NAMESPACES.has(service.namespace)) continue;
      for (const { path, lack, appProtocol, port } of undeclaredPorts(service)) {
        yield {
          at: service,
          path,
          message: `${lack}, so proxies have to detect its protocol.`,
          fix: appProtocol
            ? `Set appProtocol to "${appProtocol}", or begin the name with it.`
            : 'Name the port after its protocol, such as "http-web" or "tcp-db", or set appProtocol.',
          // Another name would break what refers to the port by the one that it has.
          edits: appProtocol ? [{ is: 'set', path: [...port, 'appProtocol'], value: appProtocol }] : undefined,
        };
      }
    }
  },
};
