/** The configuration of one proxy, in Envoy's words; each part is made when it is asked for. */
import { clustersFor, type EnvoyCluster, endpointsFor } from './clusters.ts';
import { type EnvoyListener, listenersFor } from './listeners.ts';
import type { MeshProxy } from './proxy.ts';
import { type RouteConfiguration, routesFor } from './routes.ts';
import type { MeshView } from './view.ts';

interface Assignment {
  readonly cluster_name: string;
  readonly [field: string]: unknown;
}

export interface ProxyConfig {
  readonly clusters: readonly EnvoyCluster[];
  readonly endpoints: readonly Assignment[];
  readonly listeners: readonly EnvoyListener[];
  readonly routes: readonly RouteConfiguration[];
}

export function proxyConfig(proxy: MeshProxy, view: MeshView): ProxyConfig {
  return lazy({
    clusters: () => clustersFor(proxy, view),
    endpoints: () => endpointsFor(view),
    listeners: () => listenersFor(proxy, view),
    routes: () => routesFor(proxy, view),
  });
}

/** An object of the same parts, each made once. */
export function lazy<T extends object>(parts: { readonly [Key in keyof T]: () => T[Key] }): T {
  const made: Partial<T> = {};
  for (const key of Object.keys(parts) as (keyof T)[]) {
    Object.defineProperty(made, key, {
      enumerable: true,
      configurable: true,
      get: () => {
        const value = parts[key]();
        Object.defineProperty(made, key, { enumerable: true, value });
        return value;
      },
    });
  }
  return made as T;
}
