/**
 * What istiod knows of its proxies: which configuration it sent them, and what they accepted.
 * @see https://istio.io/latest/docs/ops/diagnostic-tools/proxy-cmd/
 */
import { isBody, objectAt, stringAt } from '../../../model/body.ts';
import type { Facts } from '../../../model/check.ts';
import { jsonValue } from '../../../text/json-value.ts';
import { askIstiods } from './istiod.ts';

/** One type of configuration of one proxy. */
export interface SyncedType {
  /** `clusters`, `routes`, … */
  readonly type: string;
  readonly state: 'synced' | 'stale' | 'rejected';
  /** Milliseconds since the epoch when it was last sent; undefined where istiod does not tell. */
  readonly sentAt: number | undefined;
  /** What the proxy said when it rejected it. */
  readonly error: string;
}

export interface SyncedProxy {
  readonly name: string;
  readonly namespace: string;
  /** Cluster that the proxy runs in, as istiod calls it. */
  readonly cluster: string;
  readonly types: readonly SyncedType[];
}

export interface SyncStatus {
  readonly proxies: ReadonlyMap<string, SyncedProxy>;
  /** How many istiods told what they know. */
  readonly told: number;
  /** True when every istiod that is ready did. */
  readonly isWhole: boolean;
}

export const proxyKey = (namespace: string, name: string): string => `${namespace}/${name}`;

/**
 * The proxies of all istiods. Each is connected to one of them; one that has just moved is still listed by two.
 * @param namespace only proxies of it where istiod can tell them apart; others may be there too
 */
export async function syncStatus(facts: Facts, namespace?: string): Promise<SyncStatus> {
  const query = namespace === undefined ? '' : `?namespace=${encodeURIComponent(namespace)}`;
  const { answers, isWhole } = await askIstiods(facts, `/debug/syncz${query}`);
  const proxies = new Map<string, SyncedProxy>();
  let told = 0;
  for (const { answer } of answers) {
    const list = answer?.status === 200 ? jsonValue(answer.body) : undefined;
    if (!Array.isArray(list)) continue;
    told++;
    for (const entry of list) {
      const proxy = toProxy(entry);
      if (!proxy) continue;
      const key = proxyKey(proxy.namespace, proxy.name);
      const other = proxies.get(key);
      if (!other || lastSent(proxy) > lastSent(other)) proxies.set(key, proxy);
    }
  }
  return { proxies, told, isWhole: isWhole && told === answers.length };
}

function lastSent({ types }: SyncedProxy): number {
  return Math.max(0, ...types.map(({ sentAt }) => sentAt ?? 0));
}

/** Proxies are called `reviews-v1-6f.shop`; names of namespaces hold no dot. */
function toProxy(entry: unknown): SyncedProxy | undefined {
  const id = stringAt(entry, 'proxy') ?? '';
  const dot = id.lastIndexOf('.');
  if (!isBody(entry) || dot <= 0) return undefined;
  const resources = Object.entries(objectAt(entry, 'resources'));
  const types =
    resources.length > 0
      ? resources.map(([url, status]) => toType(nameOfType(url), status))
      : LEGACY.map((type) => legacyType(type, entry));
  return {
    name: id.slice(0, dot),
    namespace: id.slice(dot + 1),
    cluster: stringAt(entry, 'cluster_id') ?? '',
    types: types.filter((type) => type !== undefined),
  };
}

const NAMES: Readonly<Record<string, string>> = {
  Cluster: 'clusters',
  ClusterLoadAssignment: 'endpoints',
  Listener: 'listeners',
  RouteConfiguration: 'routes',
  Secret: 'secrets',
  TypedExtensionConfig: 'extension configuration',
};

/** `type.googleapis.com/envoy.config.cluster.v3.Cluster` → `clusters`. */
function nameOfType(url: string): string {
  const last = url.slice(Math.max(url.lastIndexOf('.'), url.lastIndexOf('/')) + 1);
  return NAMES[last] ?? last;
}

/** @returns undefined for what was never sent: the proxy subscribed to something that it has no use for */
function toType(type: string, status: unknown): SyncedType | undefined {
  const sent = stringAt(status, 'sent') ?? '';
  const error = stringAt(status, 'lastError') ?? '';
  const time = Date.parse(stringAt(status, 'sentTime') ?? '');
  // Go writes the year 1 for no time.
  const sentAt = time > 0 ? time : undefined;
  if (error !== '') return { type, state: 'rejected', sentAt, error };
  if (sent === '') return undefined;
  return { type, state: sent === stringAt(status, 'acked') ? 'synced' : 'stale', sentAt, error };
}

/** Fields of istiods that do not list the types one by one. */
const LEGACY = ['cluster', 'listener', 'route', 'endpoint'] as const;

function legacyType(type: (typeof LEGACY)[number], entry: unknown): SyncedType | undefined {
  return toType(`${type}s`, { sent: stringAt(entry, `${type}_sent`), acked: stringAt(entry, `${type}_acked`) });
}
