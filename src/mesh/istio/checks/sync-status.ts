/**
 * What istiod knows of its proxies: which configuration it sent them, and what they accepted.
 * @see https://istio.io/latest/docs/ops/diagnostic-tools/proxy-cmd/
 */
import { isBody, objectAt, stringAt } from '../../../model/body.ts';
import type { Facts, PodAnswer } from '../../../model/check.ts';
import type { Ref } from '../../../model/resource.ts';
import { jsonValue } from '../../../text/json-value.ts';
import { askIstiods, type IstiodAnswer } from './istiod.ts';

/** One type of configuration of one proxy. */
export interface SyncedType {
  /** `clusters`, `routes`, … */
  readonly type: string;
  /** `CDS`, `RDS`, … */
  readonly code: string;
  /** `not-sent`: the proxy subscribed to something that there may be nothing of. */
  readonly state: 'synced' | 'stale' | 'rejected' | 'not-sent';
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
  /** `sidecar`, `router`, `waypoint`, `ztunnel`; undefined where istiod does not tell. */
  readonly role: string | undefined;
  readonly version: string | undefined;
  /** The pod of istiod that it is connected to. */
  readonly istiod: Pick<Ref, 'namespace' | 'name'>;
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
  return joined(await askIstiods(facts, `/debug/syncz${query}`));
}

/** What an istiod said of its proxies, by HTTP or otherwise. */
interface Told extends IstiodAnswer {
  readonly proxies?: readonly SyncedProxy[] | undefined;
}

/** What all istiods say of their proxies, by the page `/debug/syncz` where nothing else is given. */
export function joined({ answers, isWhole }: { readonly answers: readonly Told[]; readonly isWhole: boolean }): SyncStatus {
  const proxies = new Map<string, SyncedProxy>();
  let told = 0;
  for (const { answer, pod, proxies: given } of answers) {
    const list = given ?? entriesOf(answer)?.flatMap((entry) => toProxy(entry, pod) ?? []);
    if (!list) continue;
    told++;
    for (const proxy of list) {
      const key = proxyKey(proxy.namespace, proxy.name);
      const other = proxies.get(key);
      if (!other || lastSent(proxy) > lastSent(other)) proxies.set(key, proxy);
    }
  }
  return { proxies, told, isWhole: isWhole && told === answers.length };
}

/** @returns undefined for an answer that is none of `/debug/syncz` */
export function entriesOf(answer: PodAnswer | undefined): readonly unknown[] | undefined {
  const list = answer?.status === 200 ? jsonValue(answer.body) : undefined;
  // Go writes an empty list that was never made as null.
  return list === null ? [] : Array.isArray(list) ? list : undefined;
}

function lastSent({ types }: SyncedProxy): number {
  return Math.max(0, ...types.map(({ sentAt }) => sentAt ?? 0));
}

/** Proxies are called `reviews-v1-6f.shop`; names of namespaces hold no dot. */
function toProxy(entry: unknown, { namespace, name }: Ref): SyncedProxy | undefined {
  const id = stringAt(entry, 'proxy') ?? '';
  const dot = id.lastIndexOf('.');
  if (!isBody(entry) || dot <= 0) return undefined;
  const resources = Object.entries(objectAt(entry, 'resources'));
  const types =
    resources.length > 0
      ? resources.map(([url, status]) => toType(wordsFor(url), status))
      : Object.entries(LEGACY).map((type) => legacyType(type, entry));
  return {
    name: id.slice(0, dot),
    namespace: id.slice(dot + 1),
    cluster: stringAt(entry, 'cluster_id') ?? '',
    role: stringAt(entry, 'proxy_type'),
    version: stringAt(entry, 'istio_version'),
    istiod: { namespace, name },
    types,
  };
}

type Words = Pick<SyncedType, 'type' | 'code'>;

const CLUSTERS: Words = { type: 'clusters', code: 'CDS' };
const ENDPOINTS: Words = { type: 'endpoints', code: 'EDS' };
const LISTENERS: Words = { type: 'listeners', code: 'LDS' };
const ROUTES: Words = { type: 'routes', code: 'RDS' };

const WORDS: Readonly<Record<string, Words>> = {
  Cluster: CLUSTERS,
  ClusterLoadAssignment: ENDPOINTS,
  Listener: LISTENERS,
  RouteConfiguration: ROUTES,
  Secret: { type: 'secrets', code: 'SDS' },
  TypedExtensionConfig: { type: 'extension configuration', code: 'ECDS' },
  NameTable: { type: 'names', code: 'NDS' },
  ProxyConfig: { type: 'proxy configuration', code: 'PCDS' },
  // What ztunnel asks for.
  Address: { type: 'workloads', code: 'WDS' },
  Workload: { type: 'workloads', code: 'WDS' },
  Authorization: { type: 'authorizations', code: 'WADS' },
};

/** By the last part of `type.googleapis.com/envoy.config.cluster.v3.Cluster`. */
export function wordsFor(url: string): Words {
  const last = url.slice(Math.max(url.lastIndexOf('.'), url.lastIndexOf('/')) + 1);
  return WORDS[last] ?? { type: last, code: last };
}

function toType(words: Words, status: unknown): SyncedType {
  const sent = stringAt(status, 'sent') ?? '';
  const error = stringAt(status, 'lastError') ?? '';
  const time = Date.parse(stringAt(status, 'sentTime') ?? '');
  // Go writes the year 1 for no time.
  const sentAt = time > 0 ? time : undefined;
  if (error !== '') return { ...words, state: 'rejected', sentAt, error };
  if (sent === '') return { ...words, state: 'not-sent', sentAt: undefined, error };
  return { ...words, state: sent === stringAt(status, 'acked') ? 'synced' : 'stale', sentAt, error };
}

/** Fields of istiods that do not list the types one by one. */
const LEGACY = { cluster: CLUSTERS, listener: LISTENERS, route: ROUTES, endpoint: ENDPOINTS } as const;

function legacyType([field, words]: readonly [string, Words], entry: unknown): SyncedType {
  return toType(words, { sent: stringAt(entry, `${field}_sent`), acked: stringAt(entry, `${field}_acked`) });
}
