import { gatewayWorkloads } from '../../mesh/istio/gateway-workloads.ts';
import { GATEWAY } from '../../mesh/istio/kinds.ts';
import type { Resource } from '../../model/resource.ts';
import type { Problem, Rule } from '../../model/rule.ts';
import { WORKLOAD_KINDS } from '../../model/workloads.ts';
import { quotedSample } from '../../text/words.ts';
import { describeRivals, indexClaims, rivalsAmong } from './_claims.ts';
import { type Server, serversOf } from './_servers.ts';

/** istiod merges all Gateways of a proxy; of two servers for one host on one port it can keep only one, or mixes their routes. */
export const serversDoNotConflict: Rule = {
  meta: {
    id: 'istio-gateway/servers-do-not-conflict',
    aliases: ['IST0145', 'KIA0301'],
    analyzers: ['gateway.ConflictingGatewayAnalyzer'],
    severity: 'error',
    summary: 'No two Gateways of the same workloads serve the same host on the same port.',
    why: 'Of TLS servers and of different protocols istiod keeps the oldest and drops the others; the routes of HTTP servers are mixed.',
    inputs: [GATEWAY, ...WORKLOAD_KINDS],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0145/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: storefront, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
    - port: { number: 443, name: https-pay, protocol: HTTPS }
      hosts: [pay.example.com, shop.example.com]
      tls: { mode: SIMPLE, credentialName: pay-tls }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: storefront, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
    - port: { number: 443, name: https-pay, protocol: HTTPS }
      hosts: [pay.example.com]
      tls: { mode: SIMPLE, credentialName: pay-tls }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: plain, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
`,
    differs:
      'Selectors meet where a workload matches both, however they are written. "./host" and "*/host" are compared as istiod reads them, and TLS servers by the host alone, also within one Gateway. Servers without a port are left to validation. The result does not depend on the order of the input.',
  },
  *check(resources) {
    const behind = resources.derive(gatewayWorkloads);
    const gateways = resources.all(GATEWAY);
    const claims = indexClaims(gateways, (gateway) =>
      serversOf(gateway).flatMap((server) => server.hosts.flatMap((host) => slotsOf(host.value, server, gateway))),
    );
    for (const gateway of gateways) {
      const selectors = [...behind.selectorsMeeting(gateway)];
      const ownNames = new Set<string | undefined>();
      for (const server of serversOf(gateway)) {
        const rivals = new Set<Resource>();
        const contested = server.hosts.filter(({ value }) => {
          const groups = slotsOf(value, server, gateway).flatMap((slot) => selectors.map((key) => claims.get(slot)?.get(key) ?? []));
          const others = groups.flatMap((group) => rivalsAmong(group, gateway));
          for (const other of others) rivals.add(other);
          const name = sniSlot(value, server);
          return others.length > 0 || (name !== undefined && ownNames.has(name));
        });
        for (const { value } of server.hosts) ownNames.add(sniSlot(value, server));
        const [first] = contested;
        if (first) yield { at: gateway, path: first.path, ...wording(contested, server, rivals) };
      }
    }
  },
};

function wording(
  contested: Server['hosts'],
  { port }: Server,
  rivals: ReadonlySet<Resource>,
): Pick<Problem, 'message' | 'fix' | 'related'> {
  const { names, related } = describeRivals(rivals);
  const hosts = `${contested.length > 1 ? 'Hosts' : 'Host'} ${quotedSample(contested.map((host) => host.value))} on port ${port}`;
  const by = related.length > 0 ? `${names} for the same workloads` : 'an earlier server of the same Gateway';
  return {
    message: `${hosts} ${contested.length > 1 ? 'are' : 'is'} also served by ${by}.`,
    fix: 'Serve each host on a port by one server, or give the Gateways different workloads or bind addresses.',
    related,
  };
}

/** What a server takes for itself by a host. */
function slotsOf(host: string, server: Server, { cluster, namespace }: Resource): readonly string[] {
  const { port, bind } = server;
  if (port === undefined) return [];
  const [scope, name] = scopeAndName(host);
  const own = `${port} ${bind} ${scope === '.' ? namespace : scope}/${name}`;
  return [own, sniSlot(host, server)].flatMap((slot) => (slot === undefined ? [] : [`${cluster ?? ''} ${slot}`]));
}

/** The proxy tells TLS servers apart by SNI, which knows nothing of the namespaces in `ns/host`. */
function sniSlot(host: string, { port, bind, hasSni }: Server): string | undefined {
  return port === undefined || !hasSni ? undefined : `${port} ${bind} sni ${scopeAndName(host)[1]}`;
}

/** `shop/a.com` → `shop`, `a.com`; a host without namespace is one for all of them. */
function scopeAndName(host: string): readonly [string, string] {
  const slash = host.indexOf('/');
  return slash < 0 ? ['*', host] : [host.slice(0, slash), host.slice(slash + 1)];
}
