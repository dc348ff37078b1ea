/**
 * Where endpoints run, as labels. Istiod adds these labels to every endpoint, so that a subset may
 * ask for a region although no pod template carries such a label.
 * @see https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/before-you-begin/
 */
import { stringAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import type { Resource } from '../../model/resource.ts';
import type { Derivation } from '../../model/resource-set.ts';
import type { Workload } from '../../model/workloads.ts';
import { NODE } from './kinds.ts';

type Labels = Readonly<Record<string, string>>;

const REGION = 'topology.kubernetes.io/region';
const ZONE = 'topology.kubernetes.io/zone';
const SUBZONE = 'topology.istio.io/subzone';
const HOSTNAME = 'kubernetes.io/hostname';
/** Set by each control plane for the cluster it serves; no object of the cluster tells them for certain. */
const UNKNOWABLE: ReadonlySet<string> = new Set(['topology.istio.io/cluster', 'topology.istio.io/network']);
const PLACES: ReadonlySet<string> = new Set([REGION, ZONE, SUBZONE, HOSTNAME]);

/** A pod's own word on its locality, such as `us-east.zone-a.rack-1`; it wins over that of its Node. */
const LOCALITY = 'istio-locality';

export interface Topology {
  /**
   * True when pods of the workload run, or may be scheduled, where all these labels hold; also when
   * the input holds no Nodes, or not the pod's, and so does not tell.
   * @param place as `splitTopology` gives it
   */
  mayRunAt(workload: Workload, place: Labels): boolean;
}

/** Parts a selector of endpoints into labels that workloads carry and labels that say where they run. */
export function splitTopology(selector: Labels): { readonly own: Labels; readonly place: Labels } {
  const entries = Object.entries(selector).filter(([key]) => !UNKNOWABLE.has(key));
  return {
    own: Object.fromEntries(entries.filter(([key]) => !PLACES.has(key))),
    place: Object.fromEntries(entries.filter(([key]) => PLACES.has(key))),
  };
}

/** The labels of a locality such as `us-east/zone-a/rack-1`, whose last parts may be missing. */
export function localityLabels(locality: string): Labels {
  const values = locality.split('/');
  return Object.fromEntries([REGION, ZONE, SUBZONE].flatMap((key, index) => (values[index] ? [[key, values[index]]] : [])));
}

/** Locality from the label that a pod, WorkloadEntry or endpoint may carry; undefined without it. */
export function localityFromLabels(labels: Labels): Labels | undefined {
  const written = labels[LOCALITY];
  if (!written) return undefined;
  return localityLabels(written.includes('/') ? written : written.replaceAll('.', '/'));
}

function nodeLabels(node: Resource): Labels {
  const region = node.labels[REGION] ?? node.labels['failure-domain.beta.kubernetes.io/region'];
  const zone = node.labels[ZONE] ?? node.labels['failure-domain.beta.kubernetes.io/zone'];
  const subzone = node.labels[SUBZONE];
  return {
    [HOSTNAME]: node.name,
    ...(region && { [REGION]: region }),
    ...(zone && { [ZONE]: zone }),
    ...(subzone && { [SUBZONE]: subzone }),
  };
}

export const topology: Derivation<Topology> = {
  name: 'istio topology',
  build(resources) {
    const nodes = new Map(resources.all(NODE).map((node) => [`${node.cluster ?? ''} ${node.name}`, nodeLabels(node)]));
    return {
      mayRunAt(workload, place) {
        if (nodes.size === 0 || Object.keys(place).length === 0) return true;
        const locality = localityFromLabels(workload.labels);
        const fits = (node: Labels): boolean => labelsMatch(place, locality ? { [HOSTNAME]: node[HOSTNAME] ?? '', ...locality } : node);
        const scheduled = workload.isPod ? stringAt(workload.podSpec, 'nodeName') : undefined;
        if (scheduled === undefined) return [...nodes.values()].some(fits);
        const node = nodes.get(`${workload.resource.cluster ?? ''} ${scheduled}`);
        return node === undefined || fits(node);
      },
    };
  },
};
