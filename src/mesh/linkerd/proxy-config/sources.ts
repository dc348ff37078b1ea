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

/** Objects of some kinds; of those that may not be listed nothing, and the user is told. */
export async function objectsOf(
  proxy: AskedProxy,
  kinds: readonly Kind[],
  namespace?: string,
): Promise<ReadonlyMap<Kind, readonly Resource[]>> {
  const { cluster } = liveProxy(proxy);
  const lists = await Promise.all(kinds.map(async (kind) => [kind, await listed(cluster, kind, namespace)] as const));
  const refused = lists.flatMap(([kind, list]) => (list ? [] : [kind.slice(kind.indexOf('/') + 1)]));
  if (refused.length > 0) {
    const where = namespace === undefined ? '' : ` in namespace "${namespace}"`;
    proxy.remark(`You may not list ${refused.join(', ')}${where}, so what they configure is missing here.`);
  }
  return new Map(lists.map(([kind, list]) => [kind, list ?? []]));
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
