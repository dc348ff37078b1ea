/** The EnvoyFilter by which Istio's proxies of one workload can be tapped. Nothing passes the filter otherwise than before. */
import type { Resource } from '../../model/resource.ts';
import { TAP_ID, TAP_LABEL, type TapChange } from '../../model/tap.ts';
import { sha256 } from '../../text/hash.ts';

const API_VERSION = 'networking.istio.io/v1alpha3';
const KIND = 'networking.istio.io/EnvoyFilter';

const filter = {
  name: 'envoy.filters.http.tap',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.tap.v3.Tap',
    common_config: { admin_config: { config_id: TAP_ID } },
    record_headers_received_time: true,
    record_downstream_connection: true,
  },
};

const patchFor = (context: string): object => ({
  applyTo: 'HTTP_FILTER',
  match: { context, listener: { filterChain: { filter: { name: 'envoy.filters.network.http_connection_manager' } } } },
  patch: { operation: 'INSERT_FIRST', value: filter },
});

/** Labels that the injector and controllers add, by which one does not tell workloads apart. */
const NOT_TELLING =
  /^(?:security\.istio\.io\/|service\.istio\.io\/canonical-|istio\.io\/rev|sidecar\.istio\.io\/|controller-revision-hash|statefulset\.kubernetes\.io\/|apps\.kubernetes\.io\/pod-index)/;

export const tapFilter: TapChange = {
  kind: KIND,
  objectFor: (pods) => {
    const [first] = pods;
    const labels = commonLabels(pods);
    if (!first || Object.keys(labels).length === 0 || pods.some(({ namespace }) => namespace !== first.namespace)) return undefined;
    const { namespace } = first;
    const name = `meshctl-tap-${sha256(JSON.stringify(labels)).slice(0, 10)}`;
    const contexts = pods.every(isGateway) ? ['GATEWAY'] : ['SIDECAR_INBOUND', 'SIDECAR_OUTBOUND'];
    const body = {
      apiVersion: API_VERSION,
      kind: 'EnvoyFilter',
      metadata: { name, namespace, labels: { [TAP_LABEL]: '0' } },
      spec: { workloadSelector: { labels }, configPatches: contexts.map(patchFor) },
    };
    return { kind: KIND, namespace, name, body };
  },
};

const isGateway = ({ labels }: Resource): boolean =>
  labels['istio'] !== undefined || labels['gateway.networking.k8s.io/gateway-name'] !== undefined;

/** Sorted, so that the same pods give the same name. */
function commonLabels(pods: readonly Resource[]): Readonly<Record<string, string>> {
  const [first, ...others] = pods;
  const common = Object.entries(first?.labels ?? {}).filter(
    ([key, value]) => !NOT_TELLING.test(key) && others.every(({ labels }) => labels[key] === value),
  );
  // The hash changes with the next rollout, whose pods belong to the workload too.
  const lasting = common.filter(([key]) => key !== 'pod-template-hash');
  return Object.fromEntries((lasting.length > 0 ? lasting : common).sort(([left], [right]) => (left < right ? -1 : 1)));
}
