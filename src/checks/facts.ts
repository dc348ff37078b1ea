/** The facts of one run, each asked of the cluster at most once, so that checks need not spare calls. */
import type { Facts, LiveAnalysis } from '../model/check.ts';
import type { Cluster, ListOptions } from '../model/cluster.ts';
import { getOrInsert, lazy } from '../model/maps.ts';
import type { Kind, Resource } from '../model/resource.ts';

export interface FactOptions {
  readonly now: number;
  readonly namespace: string | undefined;
  readonly reads: readonly Kind[];
  readonly analysis: () => Promise<LiveAnalysis>;
  readonly signal?: AbortSignal | undefined;
}

/** @param cluster one that remembers, so that the analysis and the checks share their lists */
export function factsOf(cluster: Cluster, { now, namespace, reads, analysis, signal }: FactOptions): Facts {
  return {
    now,
    namespace,
    reads,
    version: lazy(async () => (await cluster.version(signal)).gitVersion),
    kinds: () => cluster.kinds(signal),
    list: async (kind, options) => {
      const found: Resource[] = [];
      for await (const page of cluster.list(kind, options)) found.push(...page);
      return found;
    },
    access: (questions) => cluster.access(questions, signal),
    analysis: lazy(analysis),
  };
}

/** The same cluster, where every list is asked once and kept, failures too. */
export function remembering(cluster: Cluster, signal: AbortSignal | undefined): Cluster {
  const lists = new Map<string, Promise<readonly Resource[]>>();
  const collect = async (kind: Kind, options: ListOptions): Promise<readonly Resource[]> => {
    const found: Resource[] = [];
    for await (const page of cluster.list(kind, { ...options, signal })) found.push(...page);
    return found;
  };
  return {
    context: cluster.context,
    server: cluster.server,
    namespace: cluster.namespace,
    version: (own) => cluster.version(own ?? signal),
    kinds: (own) => cluster.kinds(own ?? signal),
    async *list(kind, options = {}) {
      const { namespace, labelSelector, fieldSelector, metadataOnly } = options;
      const key = JSON.stringify([kind, namespace ?? '', labelSelector ?? '', fieldSelector ?? '', metadataOnly === true]);
      yield await getOrInsert(lists, key, () => collect(kind, options));
    },
    get: (ref, own) => cluster.get(ref, own ?? signal),
    watch: (kind, options) => cluster.watch(kind, options),
    apply: (resource, options) => cluster.apply(resource, options),
    delete: (ref, options) => cluster.delete(ref, options),
    logs: (pod, options) => cluster.logs(pod, options),
    access: (questions, own) => cluster.access(questions, own ?? signal),
    podPort: (pod, port) => cluster.podPort(pod, port),
    close: () => cluster.close(),
  };
}
