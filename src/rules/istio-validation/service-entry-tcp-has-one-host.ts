import { SERVICE_ENTRY } from '../../mesh/istio/kinds.ts';
import { isHttp, protocolNamed } from '../../mesh/istio/protocol.ts';
import { itemsAt, listAt, stringAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';

export const serviceEntryTcpHasOneHost: Rule = {
  meta: {
    id: 'istio-validation/service-entry-tcp-has-one-host',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.ServiceEntry'],
    severity: 'warning',
    summary: 'A ServiceEntry with addresses and ports for TCP or TLS has one host.',
    why: 'All connections to one of the addresses go to one of the hosts, whichever was meant.',
    inputs: [SERVICE_ENTRY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-addresses',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [eu.example.com, us.example.com]
  addresses: [10.0.0.1]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: DNS
`,
    good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [eu.example.com]
  addresses: [10.0.0.1]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: DNS
`,
  },
  check: judging(SERVICE_ENTRY, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  const hosts = listAt(body, 'spec', 'hosts');
  const resolution = stringAt(body, 'spec', 'resolution');
  if (resolution !== 'DNS' && resolution !== 'DNS_ROUND_ROBIN') return;
  if (hosts.length < 2 || listAt(body, 'spec', 'addresses').length === 0) return;
  const ports = itemsAt(body, 'spec', 'ports').map(({ item }) => protocolNamed(stringAt(item, 'protocol') ?? ''));
  // A port that tells no host at all is refused, which another rule says.
  if (!ports.every((protocol) => isHttp(protocol) || isTls(protocol)) || !ports.some(isTls)) return;
  yield {
    path: ['spec', 'addresses'],
    part: 'key',
    message: `All ${hosts.length} hosts share the addresses, so that connections to them are not told apart by address.`,
    fix: 'Make one ServiceEntry of each host with its own addresses.',
  };
}

const isTls = (protocol: string | undefined): boolean => protocol === 'HTTPS' || protocol === 'TLS';
