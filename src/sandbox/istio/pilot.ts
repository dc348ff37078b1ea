/**
 * What istiod does for its proxies: makes their configuration from what the store holds, and knows what each of them
 * has acknowledged. While no istiod is ready the proxies keep what they have.
 */
import { itemsAt, objectAt, stringAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import { sha256 } from '../../text/hash.ts';
import type { Inside } from '../options.ts';
import type { KubeObject } from '../store/object.ts';
import type { EnvoyListener } from './listeners.ts';
import { isReadyPod, isRunning, type MeshProxy, proxyOf } from './proxy.ts';
import { lazy, type ProxyConfig, proxyConfig } from './proxy-config.ts';
import { type MeshView, RELEVANT, viewOf } from './view.ts';

export interface Staleness {
  /** The proxies that acknowledge no clusters and endpoints. */
  readonly labels: Readonly<Record<string, string>>;
  /** Since when, in milliseconds since the epoch: they know nothing that was created later. */
  readonly since: number;
  /** What they know of an object that was changed then. */
  readonly before?: ((object: KubeObject) => KubeObject) | undefined;
}

export interface Held extends ProxyConfig {
  /** Listeners that the proxy refused; it goes on with those it had. */
  readonly rejected: readonly { readonly listener: EnvoyListener; readonly details: string }[];
}

/** What istiod knows of one type of resource at one proxy. */
export interface Subscription {
  readonly sent: string;
  readonly acked: string;
  /** Milliseconds since the epoch. */
  readonly sentAt: number | undefined;
  readonly lastError: string;
  /** Names of what is watched. */
  readonly names: readonly string[];
}

interface Push {
  readonly view: MeshView;
  /** `2026-08-01T12:00:00Z/3`. */
  readonly version: string;
  readonly at: number;
  readonly configs: Map<string, ProxyConfig>;
}

const CLUSTER = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
const ENDPOINT = 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment';
const LISTENER = 'type.googleapis.com/envoy.config.listener.v3.Listener';
const ROUTE = 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration';
const SECRET = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';

export const TYPES = { CLUSTER, ENDPOINT, LISTENER, ROUTE, SECRET };

/** The configurations of HTTP filters that this Envoy is built with: not those that are contributed, such as golang. */
const KNOWN_FILTERS =
  /^type\.googleapis\.com\/(?:envoy\.extensions\.filters\.http\.(?!golang\.)|udpa\.type\.v1\.|xds\.type\.v3\.|stats\.|istio\.envoy\.|io\.istio\.)/;

export class Pilot {
  readonly #inside: Inside;
  readonly #staleness: Staleness | undefined;
  #push: Push | undefined;
  #stale: Push | undefined;
  #isDirty = true;
  #pushes = 0;
  #istiods: readonly KubeObject[] = [];
  #proxies: readonly MeshProxy[] | undefined;

  constructor(inside: Inside, staleness?: Staleness) {
    this.#inside = inside;
    this.#staleness = staleness;
    const stop = inside.store.subscribe(({ kind }) => {
      if (!RELEVANT.has(kind)) return;
      this.#isDirty = true;
      if (kind === 'core/Pod') this.#proxies = undefined;
    });
    inside.closing.addEventListener('abort', stop);
  }

  /** Ready pods of istiod. */
  istiods(): readonly KubeObject[] {
    this.#refresh();
    return this.#istiods;
  }

  /** The one that a proxy is connected to; undefined when there is none. */
  istiodOf({ pod, revision }: Pick<MeshProxy, 'pod' | 'revision'>): KubeObject | undefined {
    const own = this.istiods().filter(({ metadata }) => (metadata.labels?.['istio.io/rev'] ?? 'default') === revision);
    return own[Number.parseInt(sha256(pod.metadata.uid ?? '').slice(0, 6), 16) % own.length];
  }

  /** All that run, by namespace and name. */
  proxies(): readonly MeshProxy[] {
    this.#proxies ??= this.#inside.store
      .list('core/Pod')
      .filter(isRunning)
      .flatMap((pod) => proxyOf(pod) ?? []);
    return this.#proxies;
  }

  view(): MeshView {
    return this.#refresh().view;
  }

  version(): string {
    return this.#refresh().version;
  }

  /** When the configuration of now was made. */
  pushedAt(): number {
    return this.#refresh().at;
  }

  /** What istiod would send. */
  wanted(proxy: MeshProxy): ProxyConfig {
    return configIn(this.#refresh(), proxy);
  }

  /** What the proxy has. */
  held(proxy: MeshProxy): Held {
    const wanted = this.wanted(proxy);
    const old = this.#isStale(proxy) ? configIn(this.#oldPush(), proxy) : wanted;
    return lazy<Held>({
      clusters: () => old.clusters,
      endpoints: () => old.endpoints,
      routes: () => wanted.routes,
      listeners: () => wanted.listeners.map((listener) => (refusal(listener) === undefined ? listener : withoutUnknown(listener))),
      rejected: () =>
        wanted.listeners.flatMap((listener) => {
          const details = refusal(listener);
          return details === undefined ? [] : [{ listener, details }];
        }),
    });
  }

  heldVersion(proxy: MeshProxy, type: string): string {
    return this.#isStale(proxy) && (type === CLUSTER || type === ENDPOINT) ? this.#oldPush().version : this.version();
  }

  /** By type of resource; a type that the proxy does not subscribe to is absent. */
  subscriptions(proxy: MeshProxy): Readonly<Record<string, Subscription>> {
    const push = this.#refresh();
    const { clusters, endpoints, listeners, routes } = this.wanted(proxy);
    const nonce = (type: string, version: string): string => nonceOf(`${proxy.pod.metadata.uid} ${type} ${version}`);
    const synced = (type: string, names: readonly string[]): Subscription =>
      names.length === 0
        ? { sent: '', acked: '', sentAt: undefined, lastError: '', names }
        : { sent: nonce(type, push.version), acked: nonce(type, push.version), sentAt: push.at, lastError: '', names };
    const lagging = (type: string, names: readonly string[]): Subscription => {
      const since = this.#staleness?.since;
      if (!this.#isStale(proxy) || since === undefined) return synced(type, names);
      // Nothing more is sent until the last push is acknowledged.
      return { sent: nonce(type, String(since)), acked: nonce(type, this.#oldPush().version), sentAt: since, lastError: '', names };
    };
    const errors = listeners.flatMap((listener) => {
      const details = refusal(listener);
      return details === undefined ? [] : [`${listener.name}: ${details}`];
    });
    const refused = { acked: nonce(LISTENER, 'before'), lastError: `Error adding/updating listener(s) ${errors.join('\n')}\n` };
    return {
      [CLUSTER]: lagging(
        CLUSTER,
        clusters.map(({ name }) => name),
      ),
      [ENDPOINT]: lagging(
        ENDPOINT,
        endpoints.map((each) => each.cluster_name),
      ),
      [LISTENER]: {
        ...synced(
          LISTENER,
          listeners.map(({ name }) => name),
        ),
        ...(errors.length > 0 ? refused : {}),
      },
      [ROUTE]: synced(
        ROUTE,
        routes.map(({ name }) => name),
      ),
    };
  }

  /** A pod that was started since is not stale: it got all there was. */
  #isStale({ labels, pod }: MeshProxy): boolean {
    if (this.#staleness === undefined) return false;
    return labelsMatch(this.#staleness.labels, labels) && Date.parse(pod.metadata.creationTimestamp ?? '') < this.#staleness.since;
  }

  #oldPush(): Push {
    const { since = 0, before = (object: KubeObject) => object } = this.#staleness ?? {};
    this.#stale ??= {
      view: viewOf(this.#inside.store, (object) =>
        Date.parse(object.metadata.creationTimestamp ?? '') < since ? before(object) : undefined,
      ),
      version: versionOf(since - 1000, 0),
      at: since,
      configs: new Map(),
    };
    return this.#stale;
  }

  #refresh(): Push {
    if (this.#isDirty || !this.#push) {
      this.#isDirty = false;
      this.#istiods = this.#inside.store
        .list('core/Pod', 'istio-system')
        .filter((pod) => pod.metadata.labels?.['app'] === 'istiod' && isReadyPod(pod));
      if (this.#istiods.length > 0 || !this.#push) {
        const at = this.#inside.now();
        this.#push = { view: viewOf(this.#inside.store), version: versionOf(at, ++this.#pushes), at, configs: new Map() };
        // What the stale proxies have does not change any more.
        if (this.#staleness) this.#oldPush();
      }
    }
    return this.#push;
  }
}

const versionOf = (at: number, count: number): string => `${new Date(at).toISOString().slice(0, 19)}Z/${count}`;

function configIn({ configs, view }: Push, proxy: MeshProxy): ProxyConfig {
  const key = proxy.pod.metadata.uid ?? proxy.name;
  const found = configs.get(key) ?? proxyConfig(proxy, view);
  configs.set(key, found);
  return found;
}

/** A nonce that is the same whenever it is asked for, in the form of the random ones. */
function nonceOf(text: string): string {
  const hash = sha256(text);
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join('-');
}

const chainsOf = (listener: object): readonly object[] => itemsAt(listener, 'filter_chains').map(({ item }) => item);

const httpFiltersOf = (chain: object): readonly object[] =>
  itemsAt(chain, 'filters').flatMap(({ item }) => itemsAt(item, 'typed_config', 'http_filters').map((each) => each.item));

const isKnown = (filter: object): boolean => KNOWN_FILTERS.test(stringAt(filter, 'typed_config', '@type') ?? '');

/** Why Envoy does not take a listener; undefined when it does. */
function refusal(listener: EnvoyListener): string | undefined {
  const unknown = chainsOf(listener)
    .flatMap(httpFiltersOf)
    .find((filter) => !isKnown(filter));
  if (!unknown) return undefined;
  const type = stringAt(unknown, 'typed_config', '@type')?.split('/').at(-1) ?? '';
  return `Didn't find a registered implementation for '${stringAt(unknown, 'name')}' with type URL: '${type}'`;
}

function withoutUnknown(listener: EnvoyListener): EnvoyListener {
  const filter_chains = chainsOf(listener).map((chain) => ({
    ...chain,
    filters: itemsAt(chain, 'filters').map(({ item }) => {
      const config = objectAt(item, 'typed_config');
      if (!Array.isArray(config['http_filters'])) return item;
      return {
        ...item,
        typed_config: {
          ...config,
          http_filters: itemsAt(config, 'http_filters').flatMap(({ item: each }) => (isKnown(each) ? [each] : [])),
        },
      };
    }),
  }));
  return { ...listener, filter_chains };
}
