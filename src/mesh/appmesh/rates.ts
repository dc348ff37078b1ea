/** Clusters of App Mesh's proxies: `cds_ingress_…`, and `cds_egress_MESH_NAME_NAMESPACE_http_8080` of a VirtualNode. */
import { type ClusterTarget, envoyRates } from '../proxies/envoy-rates.ts';
import { proxyOf } from './pod-proxy.ts';

export function appMeshTarget(cluster: string): ClusterTarget | undefined {
  if (cluster.startsWith('cds_ingress_')) return 'own';
  const [, node] = /^cds_egress_(.+?)(?:_(?:http2?|grpc|tcp)_\d+)?$/.exec(cluster) ?? [];
  if (node === undefined) return undefined;
  const [namespace, name, mesh] = node.split('_').reverse();
  return mesh === undefined ? { service: node } : { workload: name, namespace };
}

export const appMeshRates = envoyRates(proxyOf, appMeshTarget);
