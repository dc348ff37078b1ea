/** What istiod tells over xDS of its proxies: what it sent them, and what they made of it. */
import { itemsAt, numberAt, stringAt } from '../../../model/body.ts';
import type { Cluster } from '../../../model/cluster.ts';
import type { Body, Resource } from '../../../model/resource.ts';
import { decode } from '../../../text/protobuf.ts';
import { type SyncedType, wordsFor } from '../checks/sync-status.ts';
import { debugOverXds, type XdsAnswer, type XdsOptions } from './debug.ts';
import { CLIENT_CONFIG } from './messages.ts';

export interface ClientProxy {
  readonly name: string;
  readonly namespace: string;
  /** Cluster that the proxy runs in, as istiod calls it. */
  readonly cluster: string;
  /** Of Istio, as the proxy tells; empty when it does not. */
  readonly version: string;
  readonly types: readonly SyncedType[];
}

export interface ClientConfigs {
  readonly controlPlane: XdsAnswer['controlPlane'];
  readonly proxies: readonly ClientProxy[];
}

/** The proxies that are connected to one istiod. */
export async function clientConfigs(cluster: Cluster, istiod: Resource, options?: XdsOptions): Promise<ClientConfigs> {
  const { controlPlane, resources } = await debugOverXds(cluster, istiod, 'istio.io/debug/syncz', [], options);
  const decoded = resources
    .filter(({ type }) => type.endsWith('/envoy.service.status.v3.ClientConfig'))
    .map(({ value }) => decode('ClientConfig', CLIENT_CONFIG, value));
  return { controlPlane, proxies: proxiesOfClientConfigs(decoded) };
}

/** Sorted by namespace and name. */
export function proxiesOfClientConfigs(decoded: readonly Body[]): readonly ClientProxy[] {
  return decoded
    .flatMap((config) => proxyOf(config) ?? [])
    .sort((left, right) => (`${left.namespace}/${left.name}` < `${right.namespace}/${right.name}` ? -1 : 1));
}

/** Proxies are called `reviews-v1-6f.shop`; names of namespaces hold no dot. */
function proxyOf(config: Body): ClientProxy | undefined {
  const id = stringAt(config, 'node', 'id') ?? '';
  const dot = id.lastIndexOf('.');
  if (dot <= 0) return undefined;
  const metadata = (name: string): string => stringAt(config, 'node', 'metadata', name) ?? '';
  return {
    name: id.slice(0, dot),
    namespace: metadata('NAMESPACE') || id.slice(dot + 1),
    cluster: metadata('CLUSTER_ID'),
    version: metadata('ISTIO_VERSION'),
    types: itemsAt(config, 'genericXdsConfigs').flatMap(({ item }) => typeOf(item) ?? []),
  };
}

/** By the number that xDS has for them; the first is that nobody knows. */
const STATES: readonly (SyncedType['state'] | undefined)[] = [undefined, 'synced', 'not-sent', 'stale', 'rejected'];

function typeOf(config: Body): SyncedType | undefined {
  const url = stringAt(config, 'typeUrl') ?? '';
  const state = STATES[numberAt(config, 'configStatus') ?? 0];
  if (url === '' || state === undefined) return undefined;
  const time = numberAt(config, 'lastUpdated') ?? 0;
  // Go writes the year 1 for no time.
  return { ...wordsFor(url), state, sentAt: time > 0 ? time : undefined, error: stringAt(config, 'errorState', 'details') ?? '' };
}
