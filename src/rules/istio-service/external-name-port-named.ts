import { SERVICE } from '../../mesh/istio/kinds.ts';
import { servicePortProtocol } from '../../mesh/istio/protocol.ts';
import type { Rule } from '../../model/rule.ts';
import { isExternalName, portsToName, undeclaredPorts } from './_port-names.ts';

/** An ExternalName Service has no address of its own, so that a TCP listener for it would take all traffic on its port. */
export const externalNamePortNamed: Rule = {
  meta: {
    id: 'istio-service/external-name-port-named',
    aliases: ['IST0150'],
    analyzers: ['service.PortNameAnalyzer'],
    severity: 'warning',
    summary: 'Ports of ExternalName Services name a protocol other than plain TCP.',
    why: 'An ExternalName Service has no address that TCP traffic could be told apart by, so proxies may not forward traffic on its port, its own or that of other hosts, correctly.',
    inputs: [SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0150/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: Service
metadata: { name: payments, namespace: shop }
spec:
  type: ExternalName
  externalName: payments.example.com
  ports:
    - name: tcp
      port: 443
`,
    good: `
apiVersion: v1
kind: Service
metadata: { name: payments, namespace: shop }
spec:
  type: ExternalName
  externalName: payments.example.com
  ports:
    - name: https
      port: 443
`,
    differs:
      'Any port that is plain TCP counts, such as "tcp-db" or an unnamed 3306, not only one named exactly "tcp"; appProtocol counts before the name.',
  },
  *check(resources) {
    for (const service of resources.all(SERVICE)) {
      if (!isExternalName(service)) continue;
      const tcp = portsToName(service)
        .filter(({ port }) => servicePortProtocol(port) === 'TCP')
        .map(({ called, path }) => ({
          path: [...path, 'name'],
          lack: `${called} of Service "${service.name}" is plain TCP`,
        }));
      for (const { path, lack } of [...undeclaredPorts(service), ...tcp]) {
        yield {
          at: service,
          path,
          message: `${lack}, and an ExternalName Service has no address by which proxies could recognize such traffic.`,
          fix: 'Name the port after a protocol that carries a host name, such as "https", "tls" or "http".',
        };
      }
    }
  },
};
