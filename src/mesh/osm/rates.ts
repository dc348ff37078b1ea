/** Clusters of OSM's proxies: `shop/cart|80`, and `shop/web|8080|local`. */
import { type ClusterTarget, envoyRates } from '../proxies/envoy-rates.ts';
import { proxyOf } from './pod-proxy.ts';

export function osmTarget(cluster: string): ClusterTarget | undefined {
  const [, namespace, name, local] = /^([^/|]+)\/([^/|]+)[|/]\d+([|/]local)?$/.exec(cluster) ?? [];
  if (name === undefined || namespace === undefined) return undefined;
  return local === undefined ? { service: `${name}.${namespace}`, namespace } : 'own';
}

export const osmRates = envoyRates(proxyOf, osmTarget);
