/** What Envoy counts by cluster, for meshes that have no metrics of their own. */
import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import type { RateSource } from '../../model/rates.ts';
import type { Resource } from '../../model/resource.ts';
import type { TapPeer } from '../../model/tap.ts';
import { podPeer } from './pod-peer.ts';
import { rateSource, statusIn } from './request-counts.ts';

/** To whom a cluster leads: the workload beside the proxy, or another. */
export type ClusterTarget = 'own' | TapPeer;

/** @param targetOf undefined for clusters of the proxy itself, such as that of its control plane */
export const envoyRates = (
  proxyOf: NonNullable<MeshAdapter['proxyOf']>,
  targetOf: (cluster: string, labels: Readonly<Record<string, string>>) => ClusterTarget | undefined,
): RateSource =>
  rateSource({
    portOf: (pod: Resource) => proxyOf(pod)?.adminPort,
    path: '/stats/prometheus?usedonly&filter=upstream_rq',
    total: 'envoy_cluster_upstream_rq',
    durations: 'envoy_cluster_upstream_rq_time',
    place: (labels, pod) => {
      const target = targetOf(labels['envoy_cluster_name'] ?? '', labels);
      if (target === undefined) return undefined;
      const status = statusIn(labels['envoy_response_code']);
      const ends =
        target === 'own'
          ? ({ direction: 'inbound', source: {}, destination: podPeer(pod) } as const)
          : ({ direction: 'outbound', source: podPeer(pod), destination: target } as const);
      return { ...ends, response: status === undefined ? undefined : { status } };
    },
  });
