/** Subsets that select no endpoint of their host, each with the routes that choose it. */

import { destinationsOf } from '../../mesh/istio/destinations.ts';
import { fullHost, hostsOverlap } from '../../mesh/istio/hosts.ts';
import { CONFIG_MAP, DESTINATION_RULE, MESH_CONFIG, SERVICE, SERVICE_ENTRY, VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import type { RegistryEntry } from '../../mesh/istio/registry.ts';
import { splitTopology } from '../../mesh/istio/topology.ts';
import { givenIn } from '../../model/absence.ts';
import { itemsAt, stringAt, stringMapAt } from '../../model/body.ts';
import { formatLabels, labelOf } from '../../model/labels.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import type { Derivation, ResourceSet } from '../../model/resource-set.ts';
import type { Evidence, Problem } from '../../model/rule.ts';
import { ENDPOINT_KINDS, type Endpoint, endpoints, listsEndpoints, SELECTED_KINDS } from './_endpoints.ts';
import { servicesOf } from './_services.ts';

type Labels = Readonly<Record<string, string>>;

/** Kinds that `emptySubsets` reads. */
export const EMPTY_SUBSET_KINDS: readonly Kind[] = [
  DESTINATION_RULE,
  VIRTUAL_SERVICE,
  SERVICE,
  SERVICE_ENTRY,
  MESH_CONFIG,
  CONFIG_MAP,
  ...ENDPOINT_KINDS,
];

interface EmptySubset {
  readonly problem: Problem;
  /** VirtualServices that send requests to the subset. */
  readonly routed: readonly Resource[];
  /** Given when workloads carry the label with other values only: those of this one may be in no input yet. */
  readonly otherVersions?: Evidence;
}

export const emptySubsets: Derivation<readonly EmptySubset[]> = {
  name: 'istio subsets without endpoints',
  build: (resources) => resources.all(DESTINATION_RULE).flatMap((rule) => [...emptySubsetsOf(rule, resources)]),
};

function* emptySubsetsOf(rule: Resource, resources: ResourceSet): Iterable<EmptySubset> {
  const subsets = itemsAt(rule.body, 'spec', 'subsets');
  const candidates = subsets.length > 0 ? servicesOf(rule, resources) : undefined;
  const services = candidates?.services ?? [];
  if (!candidates || services.length === 0 || services.some(hasNoEndpoints)) return;
  const known = resources.derive(endpoints);
  for (const { item, path } of subsets) {
    const { own, place } = splitTopology(stringMapAt(item, 'labels'));
    const isNarrow = Object.keys(own).length + Object.keys(place).length > 0;
    if (!isNarrow || services.some((service) => known.of(service, own).some((endpoint) => endpoint.mayRunAt(place)))) continue;
    const all = services.flatMap((service) => known.of(service, {}));
    const missing = missingLabel(own, all);
    const name = stringAt(item, 'name') ?? '';
    const namespaces = [...new Set(services.map((service) => service.namespace))];
    const isVersion = missing !== undefined && all.some((endpoint) => labelOf(endpoint.labels, missing) !== undefined);
    yield {
      ...(isVersion && { otherVersions: { kinds: SELECTED_KINDS, of: `workload labelled ${missing}=${own[missing]}`, given: false } }),
      routed: (resources.derive(routesBySubset).get(name) ?? [])
        .filter(({ host }) => hostsOverlap(candidates.host, host))
        .map(({ route }) => route),
      problem: {
        at: rule,
        path: [...path, 'labels', ...(missing ? [missing] : [])],
        message: `Subset "${name}" selects nothing behind host "${stringAt(rule.body, 'spec', 'host')}": ${reason({ ...own, ...place }, missing, all)}.`,
        fix: 'Correct the labels, deploy a workload that carries them, or remove the subset.',
        ...(!services.every(listsEndpoints) && { absent: givenIn(resources, SELECTED_KINDS, ...namespaces) }),
      },
    };
  }
}

interface SubsetRoute {
  readonly host: string;
  readonly route: Resource;
}

const routesBySubset: Derivation<ReadonlyMap<string, readonly SubsetRoute[]>> = {
  name: 'istio routes by the subset they choose',
  build(resources) {
    const found = new Map<string, SubsetRoute[]>();
    for (const route of resources.all(VIRTUAL_SERVICE)) {
      const chosen = new Map(destinationsOf(route).map(({ host, subset }) => [`${subset} ${host}`, { host, subset }]));
      for (const { host, subset } of chosen.values()) {
        if (subset === undefined) continue;
        const full = fullHost(host, route.namespace, resources.settings.clusterDomain);
        getOrInsert(found, subset, () => []).push({ host: full, route });
      }
    }
    return found;
  },
};

/** Proxies send to the address that the client asked for, whatever the subset, when a ServiceEntry leaves resolution to the client. */
function hasNoEndpoints({ resource }: RegistryEntry): boolean {
  const resolution = resource.kind === SERVICE_ENTRY ? (stringAt(resource.body, 'spec', 'resolution') ?? 'NONE') : undefined;
  return resolution === 'NONE' || resolution === 'DYNAMIC_DNS';
}

/** The first label that alone excludes every endpoint. */
function missingLabel(labels: Labels, all: readonly Endpoint[]): string | undefined {
  if (all.length === 0) return undefined;
  return Object.keys(labels).find((key) => all.every((endpoint) => labelOf(endpoint.labels, key) !== labels[key]));
}

function reason(labels: Labels, missing: string | undefined, all: readonly Endpoint[]): string {
  if (all.length === 0) return 'it has no workloads or endpoints at all';
  if (missing === undefined) return `none of its workloads fits ${formatLabels(labels)}`;
  const values = [...new Set(all.flatMap((endpoint) => labelOf(endpoint.labels, missing) ?? []))].sort().slice(0, 5);
  const found = values.length > 0 ? `found ${values.map((value) => `"${value}"`).join(', ')}` : `none carries the label`;
  return `no workload has "${labels[missing]}" as label "${missing}" (${found})`;
}
