/**
 * `/config_dump` of Envoy, whole or masked, and what istiod makes in the same form.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/config_dump.proto
 */
import { MeshctlError } from '../errors.ts';
import { isBody } from '../model/body.ts';
import type { ConfigState } from '../model/proxy-config.ts';
import type { Body } from '../model/resource.ts';
import { body, field, items, text, typeOf } from './fields.ts';

/** One resource that the proxy has, with what the dump says about it. */
export interface Entry {
  readonly resource: Body;
  readonly state: ConfigState;
  readonly version: string | undefined;
  /** As Envoy writes it, RFC 3339. */
  readonly updatedAt: string | undefined;
  /** Why the proxy refused the last change of it; undefined when it did not. */
  readonly error?: string | undefined;
}

export interface ConfigDump {
  readonly bootstrap: Body | undefined;
  readonly clusters: readonly Entry[];
  readonly endpoints: readonly Entry[];
  readonly listeners: readonly Entry[];
  readonly routes: readonly Entry[];
  readonly secrets: readonly Entry[];
  /** Configuration of filters that is delivered on its own (ECDS). */
  readonly extensions: readonly Entry[];
}

type Lists = Exclude<keyof ConfigDump, 'bootstrap'>;

/** Fields of the parts, by the list that they belong to; the second name is the field that holds the resource. */
const FIELDS: readonly (readonly [field: string, list: Lists, inner: string, state: ConfigState])[] = [
  ['static_clusters', 'clusters', 'cluster', 'static'],
  ['dynamic_active_clusters', 'clusters', 'cluster', 'active'],
  ['dynamic_warming_clusters', 'clusters', 'cluster', 'warming'],
  ['static_endpoint_configs', 'endpoints', 'endpoint_config', 'static'],
  ['dynamic_endpoint_configs', 'endpoints', 'endpoint_config', 'active'],
  ['static_listeners', 'listeners', 'listener', 'static'],
  ['static_route_configs', 'routes', 'route_config', 'static'],
  ['dynamic_route_configs', 'routes', 'route_config', 'active'],
  ['static_secrets', 'secrets', 'secret', 'static'],
  ['dynamic_active_secrets', 'secrets', 'secret', 'active'],
  ['dynamic_warming_secrets', 'secrets', 'secret', 'warming'],
  ['ecds_filters', 'extensions', 'ecds_filter', 'active'],
];

/** Scopes of routes; some have the routes inside, others name them. */
const SCOPES: readonly (readonly [field: string, state: ConfigState])[] = [
  ['inline_scoped_route_configs', 'static'],
  ['dynamic_scoped_route_configs', 'active'],
];

/** Types of single entries, as `?resource=` gives them. */
const SINGLE: Readonly<Record<string, Lists>> = {
  StaticCluster: 'clusters',
  DynamicCluster: 'clusters',
  StaticEndpointConfig: 'endpoints',
  DynamicEndpointConfig: 'endpoints',
  StaticListener: 'listeners',
  StaticRouteConfig: 'routes',
  DynamicRouteConfig: 'routes',
  StaticSecret: 'secrets',
  DynamicSecret: 'secrets',
  EcdsFilterConfig: 'extensions',
};

/** @throws MeshctlError E_DUMP when the value is no config dump */
export function readConfigDump(value: unknown): ConfigDump {
  const parts = partsOf(value);
  if (!parts) {
    throw new MeshctlError('E_DUMP', 'This is no config dump of Envoy: there is no list "configs" in it.', {
      hint: 'Envoy writes one at /config_dump of its administration port; "meshctl proxy-config bootstrap POD -o json" shows a part of one.',
    });
  }
  const lists: Record<Lists, Entry[]> = { clusters: [], endpoints: [], listeners: [], routes: [], secrets: [], extensions: [] };
  let bootstrap: Body | undefined;
  for (const part of parts) {
    bootstrap ??= body(part, 'bootstrap');
    for (const [name, list, inner, state] of FIELDS) {
      for (const entry of items(part, name)) lists[list].push(...entryOf(entry, inner, state));
    }
    for (const entry of items(part, 'dynamic_listeners')) lists.listeners.push(...listenerEntries(entry));
    for (const [name, state] of SCOPES) for (const entry of items(part, name)) lists.routes.push(...scopedRoutes(entry, state));
    const kind = typeOf(part).split('.').at(-1) ?? '';
    if (kind === 'DynamicListener') lists.listeners.push(...listenerEntries(part));
    const single = SINGLE[kind];
    if (single) lists[single].push(...singleEntry(part, single));
  }
  return {
    bootstrap,
    ...lists,
    listeners: withoutEchoes(lists.listeners),
    // Envoy keeps them in no order.
    routes: byName(lists.routes),
    secrets: byName(lists.secrets),
    extensions: byName(lists.extensions),
  };
}

const nameOf = ({ resource }: Entry): string => text(resource, 'name') ?? '';

function byName(entries: readonly Entry[]): readonly Entry[] {
  const key = (entry: Entry): string => [nameOf(entry), entry.state, entry.updatedAt ?? ''].join('\u0000');
  const keys = new Map(entries.map((entry) => [entry, key(entry)]));
  return entries.toSorted((left, right) => ((keys.get(left) ?? '') < (keys.get(right) ?? '') ? -1 : 1));
}

/** Envoy tells of a refused listener a second time, without its name and the time, and for as long as nothing is accepted. */
function withoutEchoes(listeners: readonly Entry[]): readonly Entry[] {
  const isEcho = (entry: Entry): boolean => entry.state === 'refused' && entry.updatedAt === undefined;
  const told = new Set(listeners.filter((entry) => !isEcho(entry)).flatMap((entry) => (entry.error === undefined ? [] : nameOf(entry))));
  return listeners.filter((entry) => !isEcho(entry) || !told.has(nameOf(entry)));
}

function scopedRoutes(entry: Body, state: ConfigState): readonly Entry[] {
  const [version, updatedAt] = [text(entry, 'version_info'), text(entry, 'last_updated')];
  return items(entry, 'scoped_route_configs').flatMap((scope) => {
    const resource = body(scope, 'route_configuration');
    return resource ? [{ resource, state, version, updatedAt }] : [];
  });
}

/** Envoy writes an empty object where nothing is asked for that it has. */
function partsOf(value: unknown): readonly Body[] | undefined {
  if (Array.isArray(value)) return value.filter(isBody);
  if (isBody(value) && Object.keys(value).length === 0) return [];
  const configs = field(value, 'configs');
  return Array.isArray(configs) ? configs.filter(isBody) : undefined;
}

function entryOf(entry: Body, inner: string, state: ConfigState): readonly Entry[] {
  const resource = body(entry, inner);
  if (!resource) return [];
  // Names of secrets stand beside them; the older dumps have none inside.
  const named =
    text(resource, 'name') === undefined && text(entry, 'name') !== undefined ? { ...resource, name: text(entry, 'name') } : resource;
  return [
    {
      resource: named,
      state,
      version: text(entry, 'version_info'),
      updatedAt: text(entry, 'last_updated'),
      error: text(entry, 'error_state', 'details'),
    },
  ];
}

function singleEntry(part: Body, list: Lists): readonly Entry[] {
  const row = FIELDS.find(([, each]) => each === list);
  const isStatic = (typeOf(part).split('.').at(-1) ?? '').startsWith('Static');
  return row ? entryOf(part, row[2], isStatic ? 'static' : 'active') : [];
}

const LISTENER_STATES: readonly (readonly [field: string, state: ConfigState])[] = [
  ['active_state', 'active'],
  ['warming_state', 'warming'],
  ['draining_state', 'draining'],
];

/** A listener may be there in several states; one that was never accepted is there with its error alone. */
function listenerEntries(entry: Body): readonly Entry[] {
  const error = text(entry, 'error_state', 'details');
  const states = LISTENER_STATES.flatMap(([name, state]): readonly Entry[] => {
    const resource = body(entry, name, 'listener');
    if (!resource) return [];
    const own = body(entry, name);
    return [{ resource, state, version: text(own, 'version_info'), updatedAt: text(own, 'last_updated'), error }];
  });
  if (states.length > 0 || error === undefined) return states;
  const refused = body(entry, 'error_state', 'failed_configuration') ?? { name: text(entry, 'name') };
  return [{ resource: refused, state: 'refused', version: undefined, updatedAt: text(entry, 'error_state', 'last_update_attempt'), error }];
}
