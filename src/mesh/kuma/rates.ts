/** Clusters of Kuma's proxies, by the three ways in which its versions have named them. */
import { type ClusterTarget, envoyRates } from '../proxies/envoy-rates.ts';
import { proxyOf } from './pod-proxy.ts';

const OWN = /^(?:localhost[:_]\d+|self_inbound_.+)$/;

/** Names of Kubernetes hold no `_`. */
const SERVICES: readonly RegExp[] = [
  /^(?<name>[^_]+)_(?<namespace>[^_]+)_svc(?:_\d+)?$/,
  // Mesh, name, namespace, zone and port.
  /^[^_]+_(?<name>[^_]+)_(?<namespace>[^_]*)_[^_]*_(?:mz?|ext)svc_\d+$/,
  // Kind, mesh, zone, namespace, name and port.
  /^kri_(?:mz?|ext)svc_[^_]*_[^_]*_(?<namespace>[^_]*)_(?<name>[^_]+)_[^_]*$/,
];

export function kumaTarget(cluster: string): ClusterTarget | undefined {
  if (OWN.test(cluster)) return 'own';
  for (const pattern of SERVICES) {
    const { name, namespace } = pattern.exec(cluster)?.groups ?? {};
    if (name !== undefined) return namespace ? { service: `${name}.${namespace}`, namespace } : { service: name };
  }
  return undefined;
}

export const kumaRates = envoyRates(proxyOf, kumaTarget);
