/**
 * What istiod would send to a proxy, by name. The rest of each resource is in Envoy's own messages, hundreds of them, which
 * only Envoy and its control planes read.
 */
import { itemsAt, stringAt } from '../../../model/body.ts';
import type { Cluster } from '../../../model/cluster.ts';
import type { Ref, Resource } from '../../../model/resource.ts';
import { decode } from '../../../text/protobuf.ts';
import { debugOverXds, type XdsOptions } from './debug.ts';
import { DUMPS } from './messages.ts';

export interface WantedNames {
  readonly clusters: readonly string[];
  readonly listeners: readonly string[];
  readonly routes: readonly string[];
}

/** @returns undefined when the proxy is not connected to this istiod */
export async function wantedNames(
  cluster: Cluster,
  istiod: Resource,
  { name, namespace }: Pick<Ref, 'name' | 'namespace'>,
  options?: XdsOptions,
): Promise<WantedNames | undefined> {
  const { resources } = await debugOverXds(cluster, istiod, 'istio.io/debug/config_dump', [`${name}.${namespace}`], options);
  if (resources.length === 0) return undefined;
  const namesIn = (part: string): readonly string[] =>
    resources
      .filter(({ type }) => type.endsWith(`.${part}`))
      .flatMap(({ value }) => itemsAt(decode(part, DUMPS[part] ?? {}, value), 'entries'))
      .flatMap(({ item }) => stringAt(item, 'name') ?? stringAt(item, 'resource', 'value', 'name') ?? [])
      .sort();
  return { clusters: namesIn('ClustersConfigDump'), listeners: namesIn('ListenersConfigDump'), routes: namesIn('RoutesConfigDump') };
}
