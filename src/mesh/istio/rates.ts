/**
 * Requests as Istio's own metrics count them: both ends are known by name, which Envoy's metrics do not tell.
 * @see https://istio.io/latest/docs/reference/config/metrics/
 */
import type { TapPeer } from '../../model/tap.ts';
import { rateSource, statusIn } from '../proxies/request-counts.ts';
import { proxyOf } from './pod-proxy.ts';

export const istioRates = rateSource({
  portOf: (pod) => proxyOf(pod)?.adminPort,
  path: '/stats/prometheus?usedonly&filter=istio_request',
  total: 'istio_requests_total',
  durations: 'istio_request_duration_milliseconds',
  place: (labels) => {
    const known = (name: string): string | undefined => (['', 'unknown', '-'].includes(labels[name] ?? '') ? undefined : labels[name]);
    const end = (side: string): TapPeer => ({
      ...{ namespace: known(`${side}_workload_namespace`), workload: known(`${side}_workload`), identity: known(`${side}_principal`) },
    });
    const service = known('destination_service_name');
    const namespace = known('destination_service_namespace');
    const reporter = labels['reporter'];
    return {
      direction: reporter === 'source' ? 'outbound' : reporter === 'destination' ? 'inbound' : 'unknown',
      source: end('source'),
      destination: {
        ...end('destination'),
        service: service === undefined || namespace === undefined || service.includes('.') ? service : `${service}.${namespace}`,
      },
      response: {
        status: statusIn(labels['response_code']),
        grpcStatus: statusIn(labels['grpc_response_status']),
        flags: known('response_flags'),
      },
      tls: TLS[labels['connection_security_policy'] ?? ''],
    };
  },
});

const TLS: Readonly<Record<string, 'mutual' | 'none'>> = { mutual_tls: 'mutual', none: 'none' };
