/** `/config_dump` of Envoy: the parts, and what its query leaves of them. */
import { isBody, listAt } from '../../model/body.ts';
import { bootstrap, staticClusters, staticListeners, staticRoutes } from './bootstrap.ts';
import { type Secret, secretEntry } from './certificates.ts';
import { type Pilot, TYPES } from './pilot.ts';
import type { MeshProxy } from './proxy.ts';

const ADMIN = 'type.googleapis.com/envoy.admin.v3';

type Part = Readonly<Record<string, unknown>> & { readonly '@type': string };

export interface Dumped {
  readonly proxy: MeshProxy;
  readonly pilot: Pilot;
  readonly secrets: readonly Secret[];
}

export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** @returns the answer, or why there is none */
export function configDump(dumped: Dumped, query: URLSearchParams): { readonly configs?: readonly object[] } | Refusal {
  const name = query.get('name_regex') ?? '';
  const fits = expressionOf(name);
  if (!fits) return { status: 400, message: `INVALID_ARGUMENT: Error while parsing name_regex from ${name}: invalid expression: ${name}` };
  const all = partsOf(dumped, query.has('include_eds')).map((part) => named(part, fits));
  const [resource, mask] = [query.get('resource'), query.get('mask')];
  return resource === null ? wholeDump(all, mask) : entriesOf(all, resource, mask);
}

function wholeDump(all: readonly Part[], mask: string | null): { readonly configs: readonly object[] } | Refusal {
  if (mask === null) return { configs: all };
  const paths = mask.split(',').map((path) => path.split('.'));
  // A part is shown when it has all that the mask names.
  const shown = all.filter((part) => paths.every((path) => isNamed(part, path)));
  if (shown.length > 0) return { configs: shown.map((part) => masked(part, paths)) };
  return { status: 400, message: `FieldMask ${mask} could not be successfully applied to any configs.` };
}

function entriesOf(all: readonly Part[], resource: string, mask: string | null): { readonly configs?: readonly object[] } | Refusal {
  const part = all.find((each) => FIELDS[kindOf(each)]?.[resource] !== undefined);
  const type = part && FIELDS[kindOf(part)]?.[resource];
  if (!part || type === undefined) return { status: 404, message: `${resource} not found in config dump` };
  if (type === '') {
    return { status: 400, message: `${resource} is not a repeated field. Use ?mask=${resource} to get only this field` };
  }
  const entries = listAt(part, resource).filter(isBody);
  const paths = mask?.split(',').map((path) => path.split('.'));
  const configs = entries.map((entry) => masked({ '@type': `${part['@type']}.${type}`, ...entry }, paths));
  // An empty list is a default, which JSON leaves out.
  return configs.length > 0 ? { configs } : {};
}

/** What is inside of lists has no path. */
function isNamed(part: Part, [field = '', ...rest]: readonly string[]): boolean {
  const type = FIELDS[kindOf(part)]?.[field];
  return type === '' || (type !== undefined && rest.length === 0);
}

const kindOf = (part: Part): string => part['@type'].split('.').at(-1) ?? '';

/** The fields of each part with the types of the entries in their lists; empty for those that are no list. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  BootstrapConfigDump: { bootstrap: '', last_updated: '' },
  ClustersConfigDump: {
    ...{ version_info: '', static_clusters: 'StaticCluster', dynamic_active_clusters: 'DynamicCluster' },
    dynamic_warming_clusters: 'DynamicCluster',
  },
  EndpointsConfigDump: { static_endpoint_configs: 'StaticEndpointConfig', dynamic_endpoint_configs: 'DynamicEndpointConfig' },
  ListenersConfigDump: { version_info: '', static_listeners: 'StaticListener', dynamic_listeners: 'DynamicListener' },
  ScopedRoutesConfigDump: {
    inline_scoped_route_configs: 'InlineScopedRouteConfigs',
    dynamic_scoped_route_configs: 'DynamicScopedRouteConfigs',
  },
  RoutesConfigDump: { static_route_configs: 'StaticRouteConfig', dynamic_route_configs: 'DynamicRouteConfig' },
  SecretsConfigDump: {
    ...{ static_secrets: 'StaticSecret', dynamic_active_secrets: 'DynamicSecret' },
    dynamic_warming_secrets: 'DynamicSecret',
  },
};

/** RE2 is close enough to what JavaScript reads. */
function expressionOf(text: string): ((name: string) => boolean) | undefined {
  if (text === '') return () => true;
  try {
    const expression = new RegExp(`^(?:${text})$`);
    return (name) => expression.test(name);
  } catch {
    return undefined;
  }
}

/** Leaves the entries whose resource has such a name. */
function named(part: Part, fits: (name: string) => boolean): Part {
  const entries = Object.entries(part).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.filter((each) => fits(nameIn(each))) : value,
  ]);
  return Object.fromEntries(entries) as Part;
}

function nameIn(entry: unknown): string {
  if (!isBody(entry)) return '';
  if (typeof entry['name'] === 'string') return entry['name'];
  const inner = Object.values(entry).find(isBody);
  const { name, cluster_name: cluster } = inner ?? {};
  return typeof name === 'string' ? name : typeof cluster === 'string' ? cluster : '';
}

/** Paths of fields, as a FieldMask has them. */
function masked(part: Part, paths: readonly (readonly string[])[] | undefined): Part {
  if (!paths) return part;
  const kept: Record<string, unknown> = { '@type': part['@type'] };
  for (const path of paths) copy(part, kept, path);
  return kept as Part;
}

function copy(from: object, to: Record<string, unknown>, [field = '', ...rest]: readonly string[]): void {
  const value = (from as Record<string, unknown>)[field];
  if (value === undefined) return;
  if (rest.length === 0) {
    to[field] = value;
  } else if (isBody(value)) {
    const inner = isBody(to[field]) ? to[field] : {};
    to[field] = inner;
    copy(value, inner as Record<string, unknown>, rest);
  }
}

function partsOf({ proxy, pilot, secrets }: Dumped, withEndpoints: boolean): readonly Part[] {
  const held = pilot.held(proxy);
  const started = timeOf(Date.parse(proxy.pod.metadata.creationTimestamp ?? ''));
  const updated = timeOf(pilot.pushedAt());
  const version = (type: string): string => pilot.heldVersion(proxy, type);
  const rejected = new Map(held.rejected.map((each) => [each.listener.name, each]));
  return [
    { '@type': `${ADMIN}.BootstrapConfigDump`, bootstrap: bootstrap(proxy), last_updated: started },
    {
      '@type': `${ADMIN}.ClustersConfigDump`,
      version_info: version(TYPES.CLUSTER),
      static_clusters: staticClusters().map((cluster) => ({ cluster, last_updated: started })),
      dynamic_active_clusters: held.clusters.map((cluster) => ({ version_info: version(TYPES.CLUSTER), cluster, last_updated: updated })),
    },
    ...(withEndpoints ? [endpointsPart(held.endpoints)] : []),
    {
      '@type': `${ADMIN}.ListenersConfigDump`,
      version_info: version(TYPES.LISTENER),
      static_listeners: staticListeners().map((listener) => ({ listener, last_updated: started })),
      dynamic_listeners: [
        ...held.listeners.map((listener) => {
          const refused = rejected.get(listener.name);
          const error = { failed_configuration: refused?.listener, last_update_attempt: updated, details: refused?.details };
          const active_state = { version_info: version(TYPES.LISTENER), listener, last_updated: refused ? started : updated };
          return { name: listener.name, active_state, ...(refused ? { error_state: error } : {}) };
        }),
        // Envoy tells of a refusal a second time.
        ...held.rejected.map(({ listener, details }) => ({ error_state: { failed_configuration: listener, details } })),
      ],
    },
    { '@type': `${ADMIN}.ScopedRoutesConfigDump` },
    {
      '@type': `${ADMIN}.RoutesConfigDump`,
      static_route_configs: staticRoutes().map((route_config) => ({ route_config, last_updated: started })),
      dynamic_route_configs: held.routes.map((route_config) => ({
        version_info: version(TYPES.ROUTE),
        route_config,
        last_updated: updated,
      })),
    },
    {
      '@type': `${ADMIN}.SecretsConfigDump`,
      dynamic_active_secrets: secrets.map((secret) => secretEntry(secret, timeOf(secret.updatedAt))),
    },
  ];
}

const endpointsPart = (endpoints: readonly object[]): Part => ({
  '@type': `${ADMIN}.EndpointsConfigDump`,
  static_endpoint_configs: staticClusters().flatMap(({ load_assignment }) =>
    load_assignment ? [{ endpoint_config: load_assignment }] : [],
  ),
  dynamic_endpoint_configs: endpoints.map((endpoint_config) => ({ endpoint_config })),
});

const timeOf = (milliseconds: number): string => new Date(Number.isFinite(milliseconds) ? milliseconds : 0).toISOString();

/** The dump that istiod makes of what it would send; it knows nothing static. */
export function wantedDump({ proxy, pilot, secrets }: Dumped, withEndpoints: boolean): { readonly configs: readonly object[] } {
  const wanted = pilot.wanted(proxy);
  const version = pilot.version();
  return {
    configs: [
      { '@type': `${ADMIN}.BootstrapConfigDump` },
      {
        '@type': `${ADMIN}.ClustersConfigDump`,
        versionInfo: version,
        dynamicActiveClusters: wanted.clusters.map((cluster) => ({ cluster })),
      },
      ...(withEndpoints
        ? [
            {
              '@type': `${ADMIN}.EndpointsConfigDump`,
              dynamicEndpointConfigs: wanted.endpoints.map((each) => ({ versionInfo: version, endpointConfig: each })),
            },
          ]
        : []),
      {
        '@type': `${ADMIN}.ListenersConfigDump`,
        versionInfo: version,
        dynamicListeners: wanted.listeners.map((listener) => ({ name: listener.name, activeState: { versionInfo: version, listener } })),
      },
      { '@type': `${ADMIN}.ScopedRoutesConfigDump` },
      {
        '@type': `${ADMIN}.RoutesConfigDump`,
        dynamicRouteConfigs: wanted.routes.map((routeConfig) => ({ versionInfo: version, routeConfig })),
      },
      {
        '@type': `${ADMIN}.SecretsConfigDump`,
        // The rest is the agent's.
        dynamicActiveSecrets: secrets
          .filter(({ name }) => name.startsWith('kubernetes://'))
          .map((secret) => ({ versionInfo: version, secret: (secretEntry(secret, version) as { secret: object }).secret })),
      },
      { '@type': `${ADMIN}.EcdsConfigDump` },
    ].map(camelCased) as readonly object[],
  };
}

/** istiod writes protobuf's JSON names, Envoy the names of the fields. Names of clusters, headers and labels are values or keys of maps. */
function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (!isBody(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    if (MAPS.has(key))
      return [
        camel(key),
        isBody(inner)
          ? Object.fromEntries(Object.entries(inner).map(([name, each]) => [name, key === 'filter_metadata' ? each : camelCased(each)]))
          : inner,
      ];
    return [camel(key), camelCased(inner)];
  });
  return Object.fromEntries(entries);
}

const MAPS = new Set(['filter_metadata', 'policies', 'match_metadata']);

const camel = (name: string): string =>
  name.startsWith('@') ? name : name.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
