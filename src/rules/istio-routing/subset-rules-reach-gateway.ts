import { type Destination, destinationsOf } from '../../mesh/istio/destinations.ts';
import { fullHost } from '../../mesh/istio/hosts.ts';
import { CONFIG_MAP, DESTINATION_RULE, MESH_CONFIG, SERVICE, SERVICE_ENTRY, VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { registry } from '../../mesh/istio/registry.ts';
import { appliesToMesh, boundTo, gatewaysOf, hostsOf, MESH, ruleBoundTo } from '../../mesh/istio/virtual-service.ts';
import { itemsAt, stringAt, stringMapAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import { getOrInsert } from '../../model/maps.ts';
import { type FieldPath, qualifiedName, type Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Rule } from '../../model/rule.ts';
import { WORKLOAD_KINDS, workloads } from '../../model/workloads.ts';
import { quotedList } from '../../text/words.ts';
import { subsetRules } from './_subsets.ts';

/** A gateway follows the VirtualServices bound to it, and sends requests straight to the pods, past those for sidecars. */
export const subsetRulesReachGateway: Rule = {
  meta: {
    id: 'istio-routing/subset-rules-reach-gateway',
    aliases: ['IST0140'],
    analyzers: ['virtualservice.DestinationHostAnalyzer'],
    severity: 'warning',
    summary: 'Routes of a gateway choose a subset where routes of sidecars to the same host do.',
    why: 'The gateway sends requests straight to the pods of the host, to any version, so that a canary or a pinned version holds for calls inside the mesh only.',
    inputs: [VIRTUAL_SERVICE, DESTINATION_RULE, SERVICE, SERVICE_ENTRY, MESH_CONFIG, CONFIG_MAP, ...WORKLOAD_KINDS],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/ops/common-problems/network-issues/#route-rules-have-no-effect-on-ingress-gateway-requests',
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
        - destination: { host: reviews }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews, subset: v1 }
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
        - destination: { host: reviews, subset: v1 }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews, subset: v1 }
`,
    differs:
      'Judged per gateway: routes that apply to sidecars only, and subsets that are chosen at the gateway itself, as in the documented two hops through an egress gateway, are no problem (istio/istio#58559), nor are subsets that every workload of the host belongs to. Hosts are compared by their full names.',
  },
  *check(resources) {
    const forSidecars = subsetsForSidecars(resources);
    const whole = new Map<string, boolean>();
    for (const route of resources.all(VIRTUAL_SERVICE)) {
      if (gatewaysOf(route).length === 0) continue;
      for (const { host, subset, path } of httpRoutes(route)) {
        if (subset !== undefined || host === '') continue;
        const full = fullHost(host, route.namespace, resources.settings.clusterDomain);
        const choosing = forSidecars.get(full);
        if (!choosing) continue;
        const reached = [...ruleBoundTo(route, ruleOf(path))].filter((gateway) => gateway !== MESH);
        const others = [...choosing].filter(
          ([other, { bound, subsets }]) =>
            other !== route &&
            other.cluster === route.cluster &&
            reached.some((gateway) => !bound.has(gateway)) &&
            ![...subsets].every((chosen) => getOrInsert(whole, `${chosen} ${full}`, () => isWholeHost(chosen, full, resources))),
        );
        if (others.length === 0) continue;
        const related = others.map(([other]) => other);
        yield {
          at: route,
          path: [...path, 'host'],
          message: `Requests through ${reached.length === 1 ? 'gateway' : 'gateways'} ${quotedList(reached)} go to any pod of "${host}": the subsets that VirtualService ${quotedList(related.map(qualifiedName))} chooses for this host hold for sidecars only.`,
          fix: 'Choose the subset in this route too.',
          related,
        };
      }
    }
  },
};

function httpRoutes(route: Resource): readonly Destination[] {
  return destinationsOf(route).filter(({ protocol, use }) => protocol === 'http' && use === 'route');
}

/** The rule that holds a destination: `spec.http[0]`. */
function ruleOf(destination: FieldPath): FieldPath {
  return destination.slice(0, 3);
}

/** What a VirtualService chooses of one host. */
interface Choice {
  /** Gateways that it is bound to. */
  readonly bound: ReadonlySet<string>;
  readonly subsets: Set<string>;
}

/** True when every workload that is known of the host belongs to the subset, as long as there is one version of it. */
function isWholeHost(subset: string, host: string, resources: ResourceSet): boolean {
  const labels = resources
    .derive(subsetRules)
    .named(host)
    .flatMap(({ resource }) => itemsAt(resource.body, 'spec', 'subsets'))
    .filter(({ item }) => stringAt(item, 'name') === subset)
    .map(({ item }) => stringMapAt(item, 'labels'));
  const behind = resources
    .derive(registry)
    .named(host)
    .flatMap(({ selector, namespace }) => (selector ? resources.derive(workloads).selectedBy(selector, namespace) : []));
  return labels.length > 0 && behind.length > 0 && behind.every((workload) => labels.every((each) => labelsMatch(each, workload.labels)));
}

/** VirtualServices that choose subsets of a host of their own for sidecars, by that host, each with the gateways it is bound to. */
function subsetsForSidecars(resources: ResourceSet): ReadonlyMap<string, ReadonlyMap<Resource, Choice>> {
  const found = new Map<string, Map<Resource, Choice>>();
  for (const route of resources.all(VIRTUAL_SERVICE)) {
    if (!appliesToMesh(route)) continue;
    const full = (host: string): string => fullHost(host, route.namespace, resources.settings.clusterDomain);
    const own = new Set(hostsOf(route).map(({ value }) => full(value)));
    for (const { host, subset, path } of httpRoutes(route)) {
      if (subset === undefined || !own.has(full(host)) || !ruleBoundTo(route, ruleOf(path)).has(MESH)) continue;
      const choosing = getOrInsert(found, full(host), () => new Map<Resource, Choice>());
      getOrInsert(choosing, route, () => ({ bound: boundTo(route), subsets: new Set() })).subsets.add(subset);
    }
  }
  return found;
}
