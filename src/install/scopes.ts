/** Which kinds have namespaces, by what the cluster serves. */
import type { Cluster } from '../model/cluster.ts';
import type { ScopeOf } from './desired.ts';

export async function scopes(cluster: Cluster, signal?: AbortSignal): Promise<ScopeOf> {
  const kinds = await cluster.kinds(signal);
  return (kind) => kinds.get(kind)?.namespaced;
}
