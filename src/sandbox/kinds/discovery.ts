/** Answers about what is served, in the old form (one document per version) and the aggregated one. */
import type { Fields } from '../store/object.ts';
import type { Registry } from './registry.ts';
import { apiVersionOf, type ServedType } from './served-type.ts';

export const VERSION = {
  major: '1',
  minor: '32',
  gitVersion: 'v1.32.5',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2025-05-15T00:00:00Z',
  goVersion: 'go1.23.8',
  compiler: 'gc',
  platform: 'linux/amd64',
};

/** What a subresource takes and gives, where that is not its parent's kind. */
const SUBRESOURCES: Readonly<
  Record<string, { readonly verbs: readonly string[]; readonly kind?: readonly [group: string, version: string, kind: string] }>
> = {
  status: { verbs: ['get', 'patch', 'update'] },
  scale: { verbs: ['get', 'patch', 'update'], kind: ['autoscaling', 'v1', 'Scale'] },
  finalize: { verbs: ['update'] },
  log: { verbs: ['get'] },
  token: { verbs: ['create'], kind: ['authentication.k8s.io', 'v1', 'TokenRequest'] },
  eviction: { verbs: ['create'], kind: ['policy', 'v1', 'Eviction'] },
  binding: { verbs: ['create'], kind: ['', 'v1', 'Binding'] },
  ephemeralcontainers: { verbs: ['get', 'patch', 'update'] },
  attach: { verbs: ['create', 'get'], kind: ['', 'v1', 'PodAttachOptions'] },
  exec: { verbs: ['create', 'get'], kind: ['', 'v1', 'PodExecOptions'] },
  portforward: { verbs: ['create', 'get'], kind: ['', 'v1', 'PodPortForwardOptions'] },
  proxy: { verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: ['', 'v1', 'PodProxyOptions'] },
};

function resourcesOf(type: ServedType): readonly object[] {
  const main = {
    name: type.plural,
    singularName: type.singular,
    namespaced: type.namespaced,
    kind: type.kind,
    verbs: type.verbs,
    ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
    ...(type.categories.length > 0 ? { categories: type.categories } : {}),
  };
  const subs = type.subresources.map((name) => {
    const { verbs = [], kind } = SUBRESOURCES[name] ?? {};
    return {
      name: `${type.plural}/${name}`,
      singularName: '',
      namespaced: type.namespaced,
      ...(kind && kind[0] !== type.group ? { group: kind[0], version: kind[1] } : {}),
      kind: kind?.[2] ?? type.kind,
      verbs,
    };
  });
  return [main, ...subs];
}

export function resourceList(registry: Registry, group: string, version: string): object {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: registry.inVersion(group, version).flatMap(resourcesOf),
  };
}

function groupOf(name: string, versions: readonly string[]): object {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

/** A group and version that another server serves. */
export interface Remote {
  readonly group: string;
  readonly version: string;
  /** Entries of its APIResourceList; undefined while it cannot be asked. */
  readonly resources: readonly Fields[] | undefined;
}

type Group = ReturnType<Registry['groups']>[number];

function allGroups(registry: Registry, remotes: readonly Remote[]): readonly Group[] {
  const own = registry.groups().map(({ name, versions }): Group => {
    const more = remotes.filter(({ group, version }) => group === name && !versions.includes(version));
    return { name, versions: [...versions, ...more.map(({ version }) => version)] };
  });
  const foreign = [...new Set(remotes.map(({ group }) => group))].filter((name) => !own.some((group) => group.name === name));
  return [
    ...own,
    ...foreign.map((name) => ({ name, versions: remotes.filter(({ group }) => group === name).map(({ version }) => version) })),
  ];
}

export function groupList(registry: Registry, remotes: readonly Remote[]): object {
  const groups = allGroups(registry, remotes).map(({ name, versions }) => groupOf(name, versions));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

export function groupNamed(registry: Registry, remotes: readonly Remote[], name: string): object | undefined {
  const group = allGroups(registry, remotes).find((candidate) => candidate.name === name);
  return group && { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group.name, group.versions) };
}

export function coreVersions(server: string): object {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: server }] };
}

function aggregatedResource(type: ServedType): object {
  return {
    resource: type.plural,
    responseKind: { group: type.group, version: type.version, kind: type.kind },
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: type.verbs,
    ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
    ...(type.categories.length > 0 ? { categories: type.categories } : {}),
    ...(type.subresources.length > 0
      ? {
          subresources: type.subresources.map((name) => {
            const { verbs = [], kind } = SUBRESOURCES[name] ?? {};
            const [group, version, answer] = kind ?? [type.group, type.version, type.kind];
            return { subresource: name, responseKind: { group, version, kind: answer }, verbs };
          }),
        }
      : {}),
  };
}

/** @param scope `core` for `/api`, `groups` for `/apis` */
export function aggregated(registry: Registry, remotes: readonly Remote[], scope: 'core' | 'groups', version: 'v2' | 'v2beta1'): object {
  const groups = scope === 'core' ? [{ name: '', versions: ['v1'] }] : allGroups(registry, remotes);
  const versionOf = (group: string, name: string): object => {
    const remote = remotes.find((each) => each.group === group && each.version === name);
    if (!remote) return { version: name, resources: registry.inVersion(group, name).map(aggregatedResource), freshness: 'Current' };
    // Clients are told of a server that does not answer, and that they do not see all.
    return { version: name, resources: remoteResources(remote), freshness: remote.resources ? 'Current' : 'Stale' };
  };
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === '' ? { creationTimestamp: null } : { name, creationTimestamp: null },
      versions: versions.map((each) => versionOf(name, each)),
    })),
  };
}

/** An APIResourceList names `pods/tap` beside `pods`; the aggregated form has the one within the other. */
function remoteResources({ group, version, resources = [] }: Remote): readonly object[] {
  const nameOf = (entry: Fields): string => String(entry['name'] ?? '');
  const kindOf = (entry: Fields): object => ({
    group: entry['group'] || group,
    version: entry['version'] || version,
    kind: entry['kind'] ?? '',
  });
  const parents = [...new Set(resources.map((entry) => nameOf(entry).split('/')[0] ?? ''))];
  return parents.map((parent) => {
    const all = resources.filter((entry) => nameOf(entry).split('/')[0] === parent);
    const main = all.find((entry) => nameOf(entry) === parent);
    const subresources = all.filter((entry) => entry !== main);
    return {
      resource: parent,
      ...(main ? { responseKind: kindOf(main), singularResource: main['singularName'] ?? '' } : {}),
      scope: all[0]?.['namespaced'] === true ? 'Namespaced' : 'Cluster',
      verbs: main?.['verbs'] ?? [],
      ...(main?.['shortNames'] ? { shortNames: main['shortNames'] } : {}),
      ...(subresources.length > 0
        ? {
            subresources: subresources.map((entry) => ({
              subresource: nameOf(entry).slice(parent.length + 1),
              responseKind: kindOf(entry),
              verbs: entry['verbs'] ?? [],
            })),
          }
        : {}),
    };
  });
}
