/**
 * Patches of EnvoyFilters, which are Envoy's own configuration. To the definition of the kind they are any mapping;
 * istiod reads them into the messages of Envoy's API, and refuses the EnvoyFilter when it cannot.
 */
import { isBody, itemsAt, stringAt } from '../model/body.ts';
import type { Resource } from '../model/resource.ts';
import type { EnvoyApi } from './envoy-api.ts';
import { judgeMessage } from './envoy-message.ts';
import type { Found } from './found.ts';

const ENVOY_FILTER = 'networking.istio.io/EnvoyFilter';

/** @see https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-ApplyTo */
const PATCHED: ReadonlyMap<string, string> = new Map([
  ['BOOTSTRAP', 'envoy.config.bootstrap.v3.Bootstrap'],
  ['CLUSTER', 'envoy.config.cluster.v3.Cluster'],
  ['EXTENSION_CONFIG', 'envoy.config.core.v3.TypedExtensionConfig'],
  ['FILTER_CHAIN', 'envoy.config.listener.v3.FilterChain'],
  ['HTTP_FILTER', 'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter'],
  ['HTTP_ROUTE', 'envoy.config.route.v3.Route'],
  ['LISTENER', 'envoy.config.listener.v3.Listener'],
  ['LISTENER_FILTER', 'envoy.config.listener.v3.ListenerFilter'],
  ['NETWORK_FILTER', 'envoy.config.listener.v3.Filter'],
  ['ROUTE_CONFIGURATION', 'envoy.config.route.v3.RouteConfiguration'],
  ['VIRTUAL_HOST', 'envoy.config.route.v3.VirtualHost'],
]);

export const hasPatches = ({ kind }: Resource): boolean => kind === ENVOY_FILTER;

export function judgePatches(resource: Resource, api: EnvoyApi): readonly Found[] {
  if (!hasPatches(resource) || resource.partial) return [];
  return itemsAt(resource.body, 'spec', 'configPatches').flatMap(({ item, path }) => {
    const name = PATCHED.get(stringAt(item, 'applyTo') ?? '');
    const value = isBody(item['patch']) ? item['patch']['value'] : undefined;
    // Istiod looks at no patches of waypoints.
    if (name === undefined || !isBody(value) || stringAt(item, 'match', 'context') === 'WAYPOINT') return [];
    return [...judgeMessage(name, value, { api, path: [...path, 'patch', 'value'], up: undefined })];
  });
}
