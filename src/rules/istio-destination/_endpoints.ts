/** The endpoints behind a host, as subsets choose among them: pods, virtual machines, and what a ServiceEntry lists itself. */

import { NODE, SERVICE_ENTRY, WORKLOAD_ENTRY, WORKLOAD_GROUP } from '../../mesh/istio/kinds.ts';
import { machineLabels } from '../../mesh/istio/machines.ts';
import type { RegistryEntry } from '../../mesh/istio/registry.ts';
import { localityFromLabels, localityLabels, topology } from '../../mesh/istio/topology.ts';
import { itemsAt, stringAt, stringMapAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { Kind } from '../../model/resource.ts';
import type { Derivation, ResourceSet } from '../../model/resource-set.ts';
import { WORKLOAD_KINDS, workloads } from '../../model/workloads.ts';

type Labels = Readonly<Record<string, string>>;

export interface Endpoint {
  readonly labels: Labels;
  /** @param place labels of where endpoints run, as `splitTopology` gives them */
  mayRunAt(place: Labels): boolean;
}

export interface Endpoints {
  /** Endpoints of the entry that carry all these labels. */
  of(entry: RegistryEntry, labels: Labels): readonly Endpoint[];
}

/** Kinds that Services and selectors of ServiceEntries pick their endpoints from. */
export const SELECTED_KINDS: readonly Kind[] = [...WORKLOAD_KINDS, WORKLOAD_ENTRY, WORKLOAD_GROUP];
/** Kinds that `endpoints` reads. */
export const ENDPOINT_KINDS: readonly Kind[] = [...SELECTED_KINDS, NODE];

/** True for a ServiceEntry that lists its endpoints instead of selecting them. */
export function listsEndpoints({ resource, selector }: RegistryEntry): boolean {
  return resource.kind === SERVICE_ENTRY && selector === undefined;
}

export const endpoints: Derivation<Endpoints> = {
  name: 'endpoints behind hosts',
  build(resources) {
    const all = resources.derive(workloads);
    const { mayRunAt } = resources.derive(topology);
    const machines = machinesByLabel(resources);
    const pods = (selector: Labels, namespace: string, labels: Labels): readonly Endpoint[] =>
      all
        .selectedBy(selector, namespace)
        .filter((workload) => labelsMatch(labels, workload.labels))
        .map((workload) => ({ labels: workload.labels, mayRunAt: (place) => mayRunAt(workload, place) }));
    return {
      of(entry, labels) {
        const { namespace, selector } = entry;
        if (listsEndpoints(entry)) return inlineEndpoints(entry).filter((endpoint) => labelsMatch(labels, endpoint.labels));
        // Whoever writes the EndpointSlices of a Service without selector may choose any pod of the namespace.
        if (selector === undefined) return pods(labels, namespace, {});
        const [first = ''] = Object.entries(selector).map(([key, value]) => `${namespace} ${key}=${value}`);
        const selected = (machines.get(first) ?? []).filter((machine) => labelsMatch(selector, machine.labels));
        return [...pods(selector, namespace, labels), ...selected.filter((machine) => labelsMatch(labels, machine.labels))];
      },
    };
  },
};

function inlineEndpoints({ resource }: RegistryEntry): readonly Endpoint[] {
  return itemsAt(resource.body, 'spec', 'endpoints').map(({ item }) => placed(stringMapAt(item, 'labels'), stringAt(item, 'locality')));
}

/** WorkloadEntries, and the WorkloadGroups that make them, under `namespace key=value` of each of their labels. */
function machinesByLabel(resources: ResourceSet): ReadonlyMap<string, readonly Endpoint[]> {
  const index = new Map<string, Endpoint[]>();
  const add = (namespace: string, endpoint: Endpoint): void => {
    for (const [key, value] of Object.entries(endpoint.labels)) getOrInsert(index, `${namespace} ${key}=${value}`, () => []).push(endpoint);
  };
  for (const entry of resources.all(WORKLOAD_ENTRY)) {
    add(entry.namespace, placed(machineLabels(entry), stringAt(entry.body, 'spec', 'locality')));
  }
  for (const group of resources.all(WORKLOAD_GROUP)) {
    add(group.namespace, placed(machineLabels(group), stringAt(group.body, 'spec', 'template', 'locality')));
  }
  return index;
}

function placed(labels: Labels, locality: string | undefined): Endpoint {
  const place = locality ? localityLabels(locality) : localityFromLabels(labels);
  return { labels, mayRunAt: (wanted) => labelsMatch(wanted, { ...labels, ...place }) };
}
