/** What a mesh leaves in a cluster when its releases are gone: made while it ran, and known to no release. */
import { MeshctlError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import type { LeftOverSign } from '../model/install.ts';
import { inParallel } from '../model/parallel.ts';
import type { Resource } from '../model/resource.ts';

export interface LeftOver {
  readonly resource: Resource;
  readonly reason: string;
}

/** Kinds that may not be listed are passed over: nobody is told of what cannot be seen. */
export async function leftOvers(cluster: Cluster, signs: readonly LeftOverSign[], signal?: AbortSignal): Promise<readonly LeftOver[]> {
  const found = await inParallel(signs, 4, async ({ kind, namespace, labelSelector, name, reason }): Promise<readonly LeftOver[]> => {
    const all: Resource[] = [];
    try {
      for await (const page of cluster.list(kind, { namespace, labelSelector, metadataOnly: true, signal })) all.push(...page);
    } catch (error) {
      if (error instanceof MeshctlError && error.code === 'E_CLUSTER_FORBIDDEN') return [];
      throw error;
    }
    return all.filter((each) => name === undefined || name.test(each.name)).map((resource) => ({ resource, reason }));
  });
  return found.flat();
}
