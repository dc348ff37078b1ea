import { findGateway, hostsServedTo } from '../../mesh/istio/gateway-hosts.ts';
import { fullHost, type HostIndex, hostCovers, hostIndex, isWildcard } from '../../mesh/istio/hosts.ts';
import { GATEWAY, KUBERNETES_GATEWAY, VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { gatewaysOf, hostsOf } from '../../mesh/istio/virtual-service.ts';
import { givenIn } from '../../model/absence.ts';
import { getOrInsert } from '../../model/maps.ts';
import { quotedRef, type Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { quotedList } from '../../text/words.ts';
import { isGeneratedGateway } from './_generated-gateways.ts';

export const hostsServedByGateway: Rule = {
  meta: {
    id: 'istio-routing/hosts-served-by-gateway',
    aliases: ['IST0132'],
    analyzers: ['virtualservice.GatewayAnalyzer'],
    severity: 'warning',
    summary: 'Every gateway of a VirtualService serves at least one of its hosts.',
    why: 'The routes never take effect at a gateway that serves none of the hosts, so that its clients get 404.',
    inputs: [VIRTUAL_SERVICE, GATEWAY, KUBERNETES_GATEWAY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0132/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: storefront, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [ingress/public]
  http:
    - route:
        - destination: { host: storefront }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: ingress }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [www.example.com]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: storefront, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [ingress/public]
  http:
    - route:
        - destination: { host: storefront }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: ingress }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: ["*.example.com"]
`,
    differs: 'Short hosts of the VirtualService are compared by their full name too.',
  },
  *check(resources) {
    const servedByGateway = new Map<string, ServedHosts>();
    const servedTo = (gateway: Resource, namespace: string): ServedHosts =>
      getOrInsert(servedByGateway, `${gateway.kind} ${gateway.namespace}/${gateway.name} ${namespace}`, () =>
        servedHosts(gateway, namespace),
      );
    for (const route of resources.all(VIRTUAL_SERVICE)) {
      const hosts = hostsOf(route).map(({ value }) => value);
      const names = hosts.flatMap((host) => [host, fullHost(host, route.namespace, resources.settings.clusterDomain)]);
      for (const reference of gatewaysOf(route)) {
        const gateway = findGateway(resources, reference.namespace, reference.name);
        if (!gateway) {
          if (isGeneratedGateway(reference)) continue;
          yield {
            at: route,
            path: reference.path,
            message: `${unserved(hosts)} gateway "${reference.written}", because there is no such gateway.`,
            fix: 'Bind the VirtualService to a gateway that serves its hosts.',
            absent: givenIn(resources, [GATEWAY, KUBERNETES_GATEWAY], reference.namespace),
          };
          continue;
        }
        const served = servedTo(gateway, route.namespace);
        if (names.some((name) => isServed(name, served))) continue;
        yield {
          at: route,
          path: reference.path,
          message: `${unserved(hosts)} ${quotedRef(gateway)}, which serves ${servedInWords(served, route.namespace)}.`,
          fix: 'Add the host to the gateway, or bind the VirtualService to the gateway that serves it.',
          related: [gateway],
        };
      }
    }
  },
};

interface ServedHosts {
  readonly patterns: readonly string[];
  readonly index: HostIndex<string>;
}

function servedHosts(gateway: Resource, namespace: string): ServedHosts {
  const patterns = [...new Set(hostsServedTo(gateway, namespace))];
  return { patterns, index: hostIndex(patterns.map((pattern) => [pattern, pattern])) };
}

function isServed(host: string, { patterns, index }: ServedHosts): boolean {
  for (const _ of index.covering(host)) return true;
  return isWildcard(host) && patterns.some((pattern) => hostCovers(host, pattern));
}

function unserved(hosts: readonly string[]): string {
  if (hosts.length === 0) return 'The VirtualService names no host that could be served by';
  return hosts.length === 1 ? `Host "${hosts[0]}" is not served by` : `None of the hosts ${quotedList(hosts)} is served by`;
}

function servedInWords({ patterns }: ServedHosts, namespace: string): string {
  return patterns.length === 0 ? `no hosts for namespace "${namespace}"` : quotedList(patterns);
}
