import { fullHost, hostIndex } from '../../mesh/istio/hosts.ts';
import { CONFIG_MAP, MESH_CONFIG, VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { appliesToMesh, hostsOf } from '../../mesh/istio/virtual-service.ts';
import { exportScope } from '../../mesh/istio/visibility.ts';
import { stringAt } from '../../model/body.ts';
import { getOrInsert, groupBy } from '../../model/maps.ts';
import { type FieldPath, qualifiedName, type Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Rule } from '../../model/rule.ts';
import { quotedSample } from '../../text/words.ts';

/** More rivals than this help nobody, and keeping them all would cost their square. */
const MAX_RIVALS = 10;

export const meshHostsDoNotConflict: Rule = {
  meta: {
    id: 'istio-routing/mesh-hosts-do-not-conflict',
    aliases: ['IST0109'],
    analyzers: ['virtualservice.ConflictingMeshGatewayHostsAnalyzer'],
    severity: 'error',
    summary: 'No two VirtualServices for sidecars claim the same host in the same namespace.',
    why: 'A sidecar follows one VirtualService per host, as a rule the oldest, and ignores the routes of the others without a word.',
    inputs: [VIRTUAL_SERVICE, MESH_CONFIG, CONFIG_MAP],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0109/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop, creationTimestamp: "2026-01-15T09:00:00Z" }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews, subset: v1 }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews-timeouts, namespace: shop, creationTimestamp: "2026-03-02T14:30:00Z" }
spec:
  hosts: [reviews.shop.svc.cluster.local]
  http:
    - timeout: 3s
      route:
        - destination: { host: reviews }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - timeout: 3s
      route:
        - destination: { host: reviews, subset: v1 }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: staging }
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews, subset: v1 }
`,
    differs:
      'A VirtualService that lists a host twice does not conflict with itself (istio/istio#42561). Where creation times are known, the oldest of several is not reported, as it takes effect.',
  },
  *check(resources) {
    for (const [route, claims] of allClaims(resources)) {
      const contested = claims.map((claim) => ({ claim, rivals: rivalsOf(route, claim) })).filter(({ rivals }) => rivals.length > 0);
      const [first] = contested;
      if (!first) continue;
      const rivals = [...new Set(contested.flatMap((contest) => contest.rivals))].slice(0, MAX_RIVALS);
      const isLost = first.rivals.some((rival) => isKnownOlder(rival, route));
      yield {
        at: route,
        path: first.claim.path,
        message: `Host "${first.claim.written}" is also claimed by ${rivals.length === 1 ? 'VirtualService' : 'VirtualServices'} ${quotedSample(rivals.map(qualifiedName))}. ${isLost ? 'That one is older, so sidecars ignore the routes of this one' : 'Sidecars follow only one of them'}.`,
        fix: 'Merge the VirtualServices into one, or keep them apart with exportTo.',
        related: rivals,
      };
    }
  },
};

/** The VirtualServices that claim one host in one namespace, or in all of them. */
interface Group {
  readonly members: Set<Resource>;
  /** Claims of single namespaces on a host in all, and the other way round, that overlap with this one. */
  readonly overlapping: Group[];
}

interface Claim {
  readonly written: string;
  readonly path: FieldPath;
  readonly groups: readonly Group[];
}

function* allClaims(resources: ResourceSet): Iterable<readonly [Resource, readonly Claim[]]> {
  // Every control plane reads the VirtualServices of its own cluster only.
  const routes = oldestFirst(resources.all(VIRTUAL_SERVICE).filter(appliesToMesh));
  for (const ofCluster of groupBy(routes, (route) => route.cluster).values()) yield* claimsOf(ofCluster, resources);
}

/** Those of unknown age come first, so that whoever looks for rivals finds them at the start of each group. */
function oldestFirst(routes: readonly Resource[]): readonly Resource[] {
  const born = new Map(routes.map((route) => [route, bornAt(route) || 0]));
  return [...routes].sort((left, right) => (born.get(left) ?? 0) - (born.get(right) ?? 0));
}

function claimsOf(routes: readonly Resource[], resources: ResourceSet): ReadonlyMap<Resource, readonly Claim[]> {
  const mesh = resources.derive(meshConfig);
  const everywhere = new Map<string, Group>();
  const somewhere = new Map<string, Map<string, Group>>();
  const claims = new Map<Resource, Claim[]>();
  for (const route of routes) {
    const scope = exportScope(route, mesh.defaultVirtualServiceExportTo);
    claims.set(
      route,
      hostsOf(route).map(({ value, path }) => {
        const host = fullHost(value, route.namespace, resources.settings.clusterDomain);
        const groups = [...scope].map((namespace) => {
          const group =
            namespace === '*'
              ? groupAt(everywhere, host)
              : groupAt(
                  getOrInsert(somewhere, host, () => new Map()),
                  namespace,
                );
          group.members.add(route);
          return group;
        });
        return { written: value, path, groups };
      }),
    );
  }
  linkOverlaps(everywhere, somewhere);
  return claims;
}

/** Within one scope only equal hosts conflict. A namespace's own claim also does with a wildcard for all, and the other way round. */
function linkOverlaps(everywhere: ReadonlyMap<string, Group>, somewhere: ReadonlyMap<string, ReadonlyMap<string, Group>>): void {
  const link = (left: Group, right: Group): void => {
    left.overlapping.push(right);
    right.overlapping.push(left);
  };
  const forAll = hostIndex(everywhere);
  for (const [host, byNamespace] of somewhere) {
    for (const covering of forAll.covering(host)) {
      for (const wider of covering) for (const narrower of byNamespace.values()) link(wider, narrower);
    }
  }
  const forSome = hostIndex(somewhere);
  for (const [host, narrower] of everywhere) {
    for (const covering of forSome.covering(host)) {
      // The same host is linked already.
      for (const byNamespace of covering)
        if (byNamespace !== somewhere.get(host)) for (const wider of byNamespace.values()) link(wider, narrower);
    }
  }
}

/** Some of those that `route` conflicts with; none when it is known to win against all. */
function rivalsOf(route: Resource, claim: Claim): readonly Resource[] {
  const rivals = new Set<Resource>();
  for (const { members, overlapping } of claim.groups) {
    // Of several for the same host in the same namespaces the oldest takes effect.
    addRivals(rivals, members, (rival) => rival !== route && !isKnownOlder(route, rival));
    for (const group of overlapping) {
      if (rivals.size >= MAX_RIVALS) break;
      addRivals(rivals, group.members, () => true);
    }
  }
  return [...rivals];
}

function addRivals(rivals: Set<Resource>, members: Iterable<Resource>, isRival: (member: Resource) => boolean): void {
  for (const member of members) {
    if (rivals.size >= MAX_RIVALS) return;
    if (isRival(member)) rivals.add(member);
  }
}

/** In milliseconds since the epoch; NaN for objects that come from files. */
function bornAt({ body }: Resource): number {
  return Date.parse(stringAt(body, 'metadata', 'creationTimestamp') ?? '');
}

function isKnownOlder(left: Resource, right: Resource): boolean {
  return bornAt(left) < bornAt(right);
}

function groupAt(groups: Map<string, Group>, key: string): Group {
  return getOrInsert(groups, key, () => ({ members: new Set(), overlapping: [] }));
}
