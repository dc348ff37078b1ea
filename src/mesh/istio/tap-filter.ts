/** The EnvoyFilter by which Istio's proxies of one workload can be tapped. */
import type { Resource } from '../../model/resource.ts';
import { TAP_LABEL, type TapChange } from '../../model/tap.ts';
import { TAP_FILTER, tapSelector } from '../proxies/tap-filter.ts';

const API_VERSION = 'networking.istio.io/v1alpha3';
const KIND = 'networking.istio.io/EnvoyFilter';

const patchFor = (context: string): object => ({
  applyTo: 'HTTP_FILTER',
  match: { context, listener: { filterChain: { filter: { name: 'envoy.filters.network.http_connection_manager' } } } },
  patch: { operation: 'INSERT_FIRST', value: TAP_FILTER },
});

export const tapFilter: TapChange = {
  kind: KIND,
  objectFor: (pods) => {
    const selector = tapSelector(pods);
    if (!selector) return undefined;
    const { namespace, name, labels } = selector;
    const contexts = pods.every(isGateway) ? ['GATEWAY'] : ['SIDECAR_INBOUND', 'SIDECAR_OUTBOUND'];
    const body = {
      apiVersion: API_VERSION,
      kind: 'EnvoyFilter',
      metadata: { name, namespace, labels: { [TAP_LABEL]: '0' } },
      spec: { workloadSelector: { labels }, configPatches: contexts.map(patchFor) },
    };
    return { kind: KIND, namespace, name, body, selects: labels };
  },
};

const isGateway = ({ labels }: Resource): boolean =>
  labels['istio'] !== undefined || labels['gateway.networking.k8s.io/gateway-name'] !== undefined;
