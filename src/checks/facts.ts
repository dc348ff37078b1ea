/** The facts of one run, each asked of the cluster at most once, so that checks need not spare calls. */
import { MeshctlError } from '../errors.ts';
import type { Facts, LiveAnalysis, PodAnswer } from '../model/check.ts';
import type { Cluster, ListOptions } from '../model/cluster.ts';
import { getOrInsert, lazy } from '../model/maps.ts';
import type { Kind, Ref, Resource } from '../model/resource.ts';
import { limited } from './limited.ts';

export interface FactOptions extends Pick<Facts, 'now' | 'mode' | 'meshes' | 'namespace' | 'reads'> {
  readonly analysis?: () => Promise<LiveAnalysis>;
  readonly signal?: AbortSignal | undefined;
  /** Pods that are asked at once. */
  readonly atOnce?: number;
  /** How many pods are asked one by one. */
  readonly mostAsked?: number;
}

/** Pods that are asked one by one: a mesh of thousands must cost no more calls than one of some dozens. */
const MOST_ASKED = { running: 10, pre: 10, posture: 10, proxy: 50 } as const;

const AT_ONCE = 8;

/** @param cluster one that remembers, so that the analysis and the checks share their lists */
export function factsOf(cluster: Cluster, options: FactOptions): Facts {
  const { analysis = noAnalysis, signal, atOnce = AT_ONCE, mostAsked = MOST_ASKED[options.mode], ...given } = options;
  const { namespace } = given;
  const answers = new Map<string, Promise<PodAnswer | undefined>>();
  const objects = new Map<string, Promise<Resource | undefined>>();
  const slots = limited(atOnce);
  const list = async (kind: Kind, options?: ListOptions): Promise<readonly Resource[]> => {
    const found: Resource[] = [];
    for await (const page of cluster.list(kind, options)) found.push(...page);
    return found;
  };
  return {
    ...given,
    version: lazy(async () => (await cluster.version(signal)).gitVersion),
    kinds: () => cluster.kinds(signal),
    list,
    scoped: async (kind) => {
      if (namespace === undefined) return list(kind);
      try {
        return (await list(kind)).filter((resource) => resource.namespace === namespace);
      } catch (error) {
        if (!(error instanceof MeshctlError) || error.code !== 'E_CLUSTER_FORBIDDEN') throw error;
        return list(kind, { namespace });
      }
    },
    get: (ref) => getOrInsert(objects, JSON.stringify([ref.kind, ref.namespace, ref.name]), () => cluster.get(ref, signal)),
    ask: (pod, port, path) =>
      getOrInsert(answers, JSON.stringify([pod.namespace, pod.name, port, path]), () =>
        slots(() => answerOf(cluster, pod, port, path, signal)),
      ),
    sample: (pods) => spread(pods, mostAsked),
    access: (questions) => cluster.access(questions, signal),
    analysis: lazy(analysis),
  };
}

const noAnalysis = (): Promise<never> => Promise.reject(new Error('The analysis is asked for by checks alone.'));

async function answerOf(cluster: Cluster, pod: Ref, port: number, path: string, signal?: AbortSignal): Promise<PodAnswer | undefined> {
  try {
    const { status, body } = await cluster.podPort(pod, port).request(path, { signal });
    return { status, body };
  } catch (error) {
    if (error instanceof MeshctlError && error.code === 'E_POD_PORT') return undefined;
    throw error;
  }
}

function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)] as T);
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
    patch: (ref, change, options) => cluster.patch(ref, change, options),
    delete: (ref, options) => cluster.delete(ref, options),
    logs: (pod, options) => cluster.logs(pod, options),
    aggregated: (request) => cluster.aggregated(request),
    access: (questions, own) => cluster.access(questions, own ?? signal),
    token: (account, options) => cluster.token(account, { signal, ...options }),
    podPort: (pod, port) => cluster.podPort(pod, port),
    close: () => cluster.close(),
  };
}
