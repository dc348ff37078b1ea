/** The live part of an analysis: what the rules in question read, out of the cluster. */
import type { SelectedRule } from '../analysis/engine.ts';
import { EXIT, MeshctlError } from '../errors.ts';
import { gatherCluster, type LiveGathered } from '../gather/cluster.ts';
import { analyzedMeshes } from '../mesh/analyzed.ts';
import { CONFIG_MAP, MESH_CONFIG, MESH_NETWORKS } from '../mesh/istio/kinds.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Kind, Resource } from '../model/resource.ts';
import { resourceSet } from '../model/resource-set.ts';
import type { AnalyzePlan } from './analyze.plan.ts';
import { type Context, type Options, textOf, textsOf } from './define.ts';

/** @throws MeshctlError E_USAGE when neither files nor a cluster are at hand */
export async function openCluster(plan: AnalyzePlan, options: Options, { cluster }: Context): Promise<Cluster> {
  try {
    // Further ones are those of other clusters.
    return await cluster({ ...options, context: textsOf(options, 'context')[0] ?? textOf(options, 'context') });
  } catch (error) {
    const nowhere = error instanceof MeshctlError && error.code === 'E_KUBECONFIG_MISSING' && plan.inputs.length === 0;
    if (!nowhere) throw error;
    throw new MeshctlError('E_USAGE', 'There is no input to analyze: no files are named, and no kubeconfig leads to a cluster.', {
      hint: 'Name files or directories, or "-" for standard input, as in "meshctl analyze k8s/"; or a cluster with --kubeconfig.',
      cause: error,
      exit: EXIT.question,
    });
  }
}

/** @param more kinds that are read besides those of the rules */
export async function gatherLive(
  plan: AnalyzePlan,
  selected: readonly SelectedRule[],
  cluster: Cluster,
  more: readonly Kind[] = [],
): Promise<LiveGathered> {
  const live = await gatherCluster(cluster, {
    kinds: new Set([...more, ...selected.flatMap(({ rule }) => rule.meta.inputs)]),
    namespace: plan.namespace ?? cluster.namespace,
    reads: (resources: readonly Resource[]) => {
      const set = resourceSet(resources, { settings: plan.settings });
      const reads = analyzedMeshes.flatMap((mesh) => mesh.liveReads?.(set) ?? []);
      return {
        configNamespaces: [...new Set(reads.flatMap(({ configNamespaces }) => configNamespaces))],
        configKeys: reads.flatMap(({ configKeys }) => configKeys),
        objects: reads.flatMap(({ objects }) => objects),
      };
    },
  });
  // In a cluster these documents are texts inside a ConfigMap.
  const reason = live.unread.get(CONFIG_MAP);
  if (reason === undefined) return live;
  return { ...live, unread: new Map([...live.unread, [MESH_CONFIG, reason], [MESH_NETWORKS, reason]]) };
}
