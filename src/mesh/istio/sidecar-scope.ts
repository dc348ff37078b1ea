/**
 * What Sidecar objects leave of the service registry: which entries the proxies of a namespace, or
 * of one workload, get to know. Whether an entry is exported to the namespace at all is the matter
 * of `visibility.ts`; both must hold.
 * @see https://istio.io/latest/docs/reference/config/networking/sidecar/
 */
import { itemsAt, listAt, numberAt, stringAt, stringsAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import { getOrInsert, groupBy, lazy } from '../../model/maps.ts';
import type { FieldPath, Resource } from '../../model/resource.ts';
import type { Derivation, ResourceSet } from '../../model/resource-set.ts';
import { oldestFirst } from './age.ts';
import { destinationsOf } from './destinations.ts';
import { fullHost, hostCovers, hostsOverlap } from './hosts.ts';
import { SIDECAR, VIRTUAL_SERVICE } from './kinds.ts';
import { meshConfig } from './mesh-config.ts';
import type { RegistryEntry } from './registry.ts';
import { appliesToMesh, hostsOf } from './virtual-service.ts';
import { exportScope, isVisible, type Scope } from './visibility.ts';
import { selectorOf } from './workload-policies.ts';

/** `prod/reviews.prod.svc.cluster.local` of a Sidecar, taken apart. */
export interface EgressHost {
  readonly written: string;
  readonly path: FieldPath;
  /** Where the service or ServiceEntry lives; `*` for anywhere, `.` for the namespace of the proxy. */
  readonly namespace: string;
  /** A full name or a wildcard: Istio completes no short names here. */
  readonly host: string;
  /** `~prod/…` takes out what other entries of the listener let in. */
  readonly excluded: boolean;
}

export interface EgressListener {
  readonly hosts: readonly EgressHost[];
  /** The only port that services are imported for; undefined when any will do. */
  readonly port: number | undefined;
}

/** A Sidecar's egress listeners. Hosts that are not of the form `namespace/host` are passed over, as Istio does. */
export function egressListeners(sidecar: Resource): readonly EgressListener[] {
  return itemsAt(sidecar.body, 'spec', 'egress').map(({ item, path }) => {
    const isForwardProxy = stringAt(item, 'port', 'protocol')?.toUpperCase() === 'HTTP_PROXY';
    return {
      port: isForwardProxy ? undefined : numberAt(item, 'port', 'number') || undefined,
      hosts: stringsAt(item, 'hosts').flatMap((host) => egressHost(host.value, [...path, ...host.path])),
    };
  });
}

function egressHost(written: string, path: FieldPath): readonly EgressHost[] {
  const [scope, host, ...more] = written.split('/');
  if (scope === undefined || !host || more.length > 0) return [];
  const excluded = scope.startsWith('~');
  const namespace = excluded ? scope.slice(1) || '*' : scope;
  return namespace ? [{ written, path, namespace, host, excluded }] : [];
}

/** A VirtualService that sidecars obey, and to whom it is exported. */
export interface MeshRoute {
  readonly resource: Resource;
  readonly scope: Scope;
  /** Full names. */
  readonly hosts: readonly string[];
}

/** VirtualServices of the mesh itself, not of gateways only. */
export function meshRoutes(resources: ResourceSet): readonly MeshRoute[] {
  const { defaultVirtualServiceExportTo } = resources.derive(meshConfig);
  return resources
    .all(VIRTUAL_SERVICE)
    .filter(appliesToMesh)
    .map((resource) => ({
      resource,
      scope: exportScope(resource, defaultVirtualServiceExportTo),
      hosts: hostsOf(resource).map(({ value }) => fullHost(value, resource.namespace, resources.settings.clusterDomain)),
    }));
}

export interface SidecarScope {
  /** The Sidecar that applies; undefined when none does and proxies know whatever is exported to them. */
  readonly sidecar: Resource | undefined;
  /**
   * True when the proxies know the entry: exported to their namespace, and imported by name or as
   * the destination of a VirtualService that is imported.
   */
  lets(entry: RegistryEntry): boolean;
}

export interface SidecarScopes {
  /** @param labels of a workload; without them, what holds for workloads that no selector picks out */
  of(namespace: string, labels?: Readonly<Record<string, string>>): SidecarScope;
}

export const sidecarScopes: Derivation<SidecarScopes> = {
  name: 'istio sidecar scopes',
  build(resources) {
    const byNamespace = groupBy(selectingFirst(oldestFirst(resources.all(SIDECAR))), (sidecar) => sidecar.namespace);
    const applies = (sidecar: Resource, labels: Readonly<Record<string, string>>): boolean => labelsMatch(selectorOf(sidecar), labels);
    const scopes = new Map<string, SidecarScope>();
    return {
      of(namespace, labels = {}) {
        const own = byNamespace.get(namespace)?.find((sidecar) => applies(sidecar, labels));
        // A Sidecar of the root namespace stands in for all namespaces, unless it has a selector.
        const root = byNamespace.get(resources.derive(meshConfig).rootNamespace) ?? [];
        const sidecar = own ?? root.find((candidate) => Object.keys(selectorOf(candidate)).length === 0);
        const key = `${namespace} ${sidecar?.namespace} ${sidecar?.name}`;
        return getOrInsert(scopes, key, () => scopeOf(resources, namespace, sidecar));
      },
    };
  },
};

/** Sidecars with a selector come before those without, whatever their age. */
function selectingFirst(sidecars: readonly Resource[]): readonly Resource[] {
  const isSelecting = (sidecar: Resource): boolean => Object.keys(selectorOf(sidecar)).length > 0;
  return [...sidecars.filter(isSelecting), ...sidecars.filter((sidecar) => !isSelecting(sidecar))];
}

function scopeOf(resources: ResourceSet, namespace: string, sidecar: Resource | undefined): SidecarScope {
  if (!sidecar || listAt(sidecar.body, 'spec', 'egress').length === 0) {
    return { sidecar, lets: (entry) => isVisible(entry.scope, namespace) };
  }
  const listeners = egressListeners(sidecar);
  const destinations = lazy(() => destinationsOfImportedRoutes(resources, listeners, namespace));
  return {
    sidecar,
    lets: (entry) =>
      isVisible(entry.scope, namespace) &&
      (listeners.some((listener) => imports(listener, entry, namespace)) || destinations().has(entry.host)),
  };
}

/** Takes out what is excluded, then asks for an entry of the object's namespace or of any. */
function matches(
  hosts: readonly EgressHost[],
  objectNamespace: string,
  viewer: string,
  covers: (host: string) => boolean,
  isExcluded: (host: string) => boolean,
): boolean {
  const concerned = hosts.filter(({ namespace }) => namespace === '*' || (namespace === '.' ? viewer : namespace) === objectNamespace);
  return (
    !concerned.some(({ host, excluded }) => excluded && isExcluded(host)) &&
    concerned.some(({ host, excluded }) => !excluded && covers(host))
  );
}

function imports(listener: EgressListener, entry: RegistryEntry, viewer: string): boolean {
  if (listener.port !== undefined && !entry.ports.some((port) => port.number === listener.port)) return false;
  const covers = (host: string): boolean => hostCovers(host, entry.host);
  return matches(listener.hosts, entry.namespace, viewer, covers, covers);
}

/** Hosts that imported VirtualServices send requests to, which are imported with them. */
function destinationsOfImportedRoutes(resources: ResourceSet, listeners: readonly EgressListener[], viewer: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const route of meshRoutes(resources)) {
    if (!isVisible(route.scope, viewer)) continue;
    const { namespace } = route.resource;
    // For routes, unlike for services, an imported `a.com` is reason enough to take in a route for `*.com`.
    const isImported = listeners.some(({ hosts }) =>
      route.hosts.some((own) =>
        matches(
          hosts,
          namespace,
          viewer,
          (host) => hostsOverlap(host, own),
          (host) => hostCovers(host, own),
        ),
      ),
    );
    if (!isImported) continue;
    for (const part of [route.resource, ...delegatesOf(resources, route.resource)]) {
      for (const { host } of destinationsOf(part)) found.add(fullHost(host, part.namespace, resources.settings.clusterDomain));
    }
  }
  return found;
}

/** VirtualServices without hosts that hold routes on behalf of another. */
function delegatesOf(resources: ResourceSet, route: Resource): readonly Resource[] {
  return itemsAt(route.body, 'spec', 'http').flatMap(({ item }) => {
    const name = stringAt(item, 'delegate', 'name');
    const delegate = name && resources.get(VIRTUAL_SERVICE, stringAt(item, 'delegate', 'namespace') || route.namespace, name);
    return delegate ? [delegate] : [];
  });
}
