/** What the parts are read from: the metrics and the environment of the proxy, and the objects of the cluster that configure it. */
import { MeshctlError } from '../../../errors.ts';
import { isBody } from '../../../model/body.ts';
import type { Cluster } from '../../../model/cluster.ts';
import type { AskedProxy } from '../../../model/proxy-part.ts';
import type { Kind, Resource } from '../../../model/resource.ts';
import { readSamples, type Sample } from '../../../text/prometheus.ts';
import { environmentOf, proxyOf } from '../proxies.ts';

export const METRICS = '/metrics';

export const samplesOf = async (proxy: AskedProxy, isWanted: (name: string) => boolean): Promise<readonly Sample[]> =>
  readSamples(await proxy.text(METRICS), isWanted);

type Environment = (variable: string) => string | undefined;

/** As the process has it; as the pod has it for proxies that do not tell, the values that refer to others left out. */
export async function environment(proxy: AskedProxy): Promise<Environment> {
  const { pod } = liveProxy(proxy);
  const told = await proxy.json('/env.json').catch((error: unknown) => {
    if (error instanceof MeshctlError && error.code === 'E_PROXY') return undefined;
    throw error;
  });
  const container = proxyOf(pod);
  return (variable) => {
    const value = isBody(told) ? told[variable] : container && environmentOf(container, variable);
    return typeof value === 'string' && !value.includes('$(') ? value : undefined;
  };
}

export function liveProxy({ pod, cluster, title }: AskedProxy): { readonly pod: Resource; readonly cluster: Cluster } {
  if (pod && cluster) return { pod, cluster };
  throw new MeshctlError('E_TARGET', `${title} is no proxy of Linkerd that runs, and its proxies write no dumps.`);
}

export interface Objects {
  of(kind: Kind): readonly Resource[];
  /** Whether the user may read those of a namespace. */
  isRead(kind: Kind, namespace: string): boolean;
}

/**
 * Objects of some kinds, of all namespaces when none is named. Of those that may not be listed the ones of the pod's
 * namespace, or nothing, and the user is told.
 */
export async function objectsOf(proxy: AskedProxy, kinds: readonly Kind[], namespace?: string): Promise<Objects> {
  const { cluster, pod } = liveProxy(proxy);
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      const all = await listed(cluster, kind, namespace);
      if (all || namespace !== undefined) return { kind, list: all, read: namespace };
      return { kind, list: await listed(cluster, kind, pod.namespace), read: pod.namespace };
    }),
  );
  const named = (some: typeof lists): string => [...new Set(some.map(({ kind }) => kind.slice(kind.indexOf('/') + 1)))].join(', ');
  const refused = lists.filter(({ list }) => !list);
  const partial = lists.filter(({ list, read }) => list && read !== namespace);
  if (refused.length > 0) {
    proxy.remark(`You may not list ${named(refused)} in namespace "${namespace ?? pod.namespace}": what they configure is missing here.`);
  }
  if (partial.length > 0)
    proxy.remark(`You may list ${named(partial)} in namespace "${pod.namespace}" only: what others configure is missing here.`);
  const found = new Map(lists.map((each) => [each.kind, each]));
  return {
    of: (kind) => found.get(kind)?.list ?? [],
    isRead: (kind, wanted) => {
      const each = found.get(kind);
      return each?.list !== undefined && (each.read === undefined || each.read === wanted);
    },
  };
}

async function listed(cluster: Cluster, kind: Kind, namespace: string | undefined): Promise<readonly Resource[] | undefined> {
  const found: Resource[] = [];
  try {
    for await (const page of cluster.list(kind, { namespace })) found.push(...page);
  } catch (error) {
    if (error instanceof MeshctlError && error.code === 'E_CLUSTER_FORBIDDEN') return undefined;
    throw error;
  }
  return found;
}

export const sum = (samples: readonly Sample[]): number => samples.reduce((total, { value }) => total + value, 0);

export const rawMetrics = (proxy: AskedProxy): Promise<string> => proxy.text(METRICS);
