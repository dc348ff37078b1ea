/** Everything that an egress host of a Sidecar can let in: services, ServiceEntries, routes of VirtualServices. */
import { type HostIndex, hostIndex, isWildcard } from '../../mesh/istio/hosts.ts';
import { registry } from '../../mesh/istio/registry.ts';
import { meshRoutes } from '../../mesh/istio/sidecar-scope.ts';
import type { Scope } from '../../mesh/istio/visibility.ts';
import { getOrInsert, groupByEach } from '../../model/maps.ts';
import type { Derivation } from '../../model/resource-set.ts';
import { nearest } from '../../text/nearest.ts';

export interface Importable {
  readonly host: string;
  readonly namespace: string;
  readonly scope: Scope;
}

export interface ImportableHosts {
  /**
   * The first of what a host, exact or wildcard, lets in of one namespace.
   * @param namespace `*` for all of them
   * @param accepts says what counts, such as only what is exported
   */
  find(host: string, namespace: string, accepts?: (candidate: Importable) => boolean): Importable | undefined;
  /** A host that differs in the spelling of its first label only. */
  similar(host: string, namespace: string): string | undefined;
}

interface NamespaceIndex {
  /** Sorted by their names read backwards, so that all with one ending stand together. */
  readonly byEnding: readonly { readonly backwards: string; readonly candidate: Importable }[];
  readonly services: HostIndex<Importable>;
  readonly routes: HostIndex<Importable>;
  /** `svc.cluster.local` → what stands before it. */
  readonly firstLabels: ReadonlyMap<string, ReadonlySet<string>>;
}

const EVERYWHERE = '*';

export const importableHosts: Derivation<ImportableHosts> = {
  name: 'hosts that sidecars can import',
  build(resources) {
    const servicesOf = byNamespace(resources.derive(registry).entries);
    const routesOf = byNamespace(
      meshRoutes(resources).flatMap(({ hosts, resource, scope }) =>
        hosts.map((host): Importable => ({ host, namespace: resource.namespace, scope })),
      ),
    );
    const indexes = new Map<string, NamespaceIndex>();
    const indexOf = (namespace: string): NamespaceIndex =>
      getOrInsert(indexes, namespace, () => indexHosts(servicesOf.get(namespace) ?? [], routesOf.get(namespace) ?? []));
    return {
      find(host, namespace, accepts = () => true) {
        for (const candidate of matching(host, indexOf(namespace))) if (accepts(candidate)) return candidate;
        return undefined;
      },
      similar(host, namespace) {
        const [label, domain] = splitHost(host);
        const spelling = nearest(label, indexOf(namespace).firstLabels.get(domain) ?? []);
        return spelling === undefined ? undefined : `${spelling}.${domain}`;
      },
    };
  },
};

function* matching(host: string, index: NamespaceIndex): Iterable<Importable> {
  if (isWildcard(host)) yield* endingWith(host.slice(1), index.byEnding);
  else yield* index.services.named(host);
  // Unlike a service, a route for `*.com` is let in by `a.com` too.
  for (const routes of index.routes.covering(host)) yield* routes;
}

function* endingWith(ending: string, sorted: NamespaceIndex['byEnding']): Iterable<Importable> {
  const wanted = backwards(ending);
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.backwards ?? '') < wanted) low = middle + 1;
    else high = middle;
  }
  for (let entry = sorted[low]; entry?.backwards.startsWith(wanted); entry = sorted[++low]) yield entry.candidate;
}

function byNamespace(hosts: readonly Importable[]): ReadonlyMap<string, readonly Importable[]> {
  return groupByEach(hosts, (host) => [EVERYWHERE, host.namespace]);
}

function indexHosts(services: readonly Importable[], routes: readonly Importable[]): NamespaceIndex {
  const all = [...services, ...routes];
  const firstLabels = new Map<string, Set<string>>();
  for (const [label, domain] of all.map(({ host }) => splitHost(host))) getOrInsert(firstLabels, domain, () => new Set()).add(label);
  const filed = (hosts: readonly Importable[]): HostIndex<Importable> => hostIndex(hosts.map((entry) => [entry.host, entry]));
  return {
    byEnding: all
      .map((candidate) => ({ backwards: backwards(candidate.host), candidate }))
      .sort((left, right) => (left.backwards < right.backwards ? -1 : 1)),
    services: filed(services),
    routes: filed(routes),
    firstLabels,
  };
}

const backwards = (text: string): string => [...text].reverse().join('');

function splitHost(host: string): readonly [label: string, domain: string] {
  const dot = host.indexOf('.');
  return dot < 0 ? [host, ''] : [host.slice(0, dot), host.slice(dot + 1)];
}
