/** Clusters of Consul's proxies: `local_app`, and `v1.cart.shop.dc1.internal.TRUST-DOMAIN.consul`. */
import { type ClusterTarget, envoyRates } from '../proxies/envoy-rates.ts';
import { proxyOf } from './pod-proxy.ts';

export function consulTarget(cluster: string, labels: Readonly<Record<string, string>>): ClusterTarget | undefined {
  if (cluster === 'local_app') return 'own';
  // Consul's bootstrap has Envoy take the parts of the name apart, as these cannot be told from their number.
  const [service, namespace] = [labels['consul_destination_service'], labels['consul_destination_namespace']];
  if (service !== undefined) return { service: namespace === undefined ? service : `${service}.${namespace}`, namespace };
  const [, upstream] = /^(.+?)\.(?:internal|external)(?:-v\d+)?\.[^.]+\.consul$/.exec(cluster) ?? [];
  return upstream === undefined ? undefined : { service: upstream };
}

export const consulRates = envoyRates(proxyOf, consulTarget);
