/**
 * Requests as Linkerd's proxy counts them.
 * @see https://linkerd.io/2/reference/proxy-metrics/
 */
import type { TapPeer } from '../../model/tap.ts';
import { podPeer } from '../proxies/pod-peer.ts';
import { rateSource, statusIn } from '../proxies/request-counts.ts';
import { adminPortOf, proxyOf } from './proxies.ts';

export const linkerdRates = rateSource({
  portOf: (pod) => {
    const proxy = proxyOf(pod);
    return proxy && adminPortOf(proxy);
  },
  path: '/metrics',
  total: 'response_total',
  durations: 'response_latency_ms',
  place: (labels, pod) => {
    const direction = labels['direction'];
    if (direction !== 'inbound' && direction !== 'outbound') return undefined;
    const response = { status: statusIn(labels['status_code']), grpcStatus: statusIn(labels['grpc_status']) };
    const tls = labels['tls'] === 'true' ? 'mutual' : 'none';
    const self = podPeer(pod);
    if (direction === 'inbound') return { direction, source: clientOf(labels), destination: self, response, tls };
    return { direction, source: self, destination: serverOf(labels), response, tls };
  },
});

/** `web.emojivoto.serviceaccount.identity.linkerd.cluster.local`: a client is known by its service account only. */
function clientOf({ client_id: identity }: Readonly<Record<string, string>>): TapPeer {
  const [, namespace] = /^[^.]+\.([^.]+)\.serviceaccount\./.exec(identity ?? '') ?? [];
  return { namespace, identity };
}

function serverOf(labels: Readonly<Record<string, string>>): TapPeer {
  const { dst_namespace: namespace, dst_service: service, server_id: identity, authority } = labels;
  const workload = labels['dst_deployment'] ?? labels['dst_statefulset'] ?? labels['dst_daemonset'] ?? labels['dst_job'];
  const named = service !== undefined && namespace !== undefined ? `${service}.${namespace}` : undefined;
  return { namespace, workload, service: named ?? (workload === undefined ? authority : undefined), identity };
}
