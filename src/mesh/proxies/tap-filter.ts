/** The tap filter that a tap adds to proxies, and by what its object selects them. Nothing passes the filter otherwise than before. */
import type { Resource } from '../../model/resource.ts';
import { TAP_ID } from '../../model/tap.ts';
import { sha256 } from '../../text/hash.ts';

/** An HTTP filter of Envoy. */
export const TAP_FILTER = {
  name: 'envoy.filters.http.tap',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.tap.v3.Tap',
    common_config: { admin_config: { config_id: TAP_ID } },
    record_headers_received_time: true,
    record_downstream_connection: true,
  },
} as const;

/** Labels that injectors and controllers add, by which one does not tell workloads apart. */
const NOT_TELLING =
  /^(?:security\.istio\.io\/|service\.istio\.io\/canonical-|istio\.io\/rev|sidecar\.istio\.io\/|(?:k8s\.)?kuma\.io\/|controller-revision-hash|statefulset\.kubernetes\.io\/|apps\.kubernetes\.io\/pod-index)/;

export interface TapSelector {
  readonly namespace: string;
  /** Sorted, so that the same pods give the same name. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of the object that adds the filter. */
  readonly name: string;
}

/** @returns undefined when nothing but these pods is meant by what they have in common */
export function tapSelector(pods: readonly Resource[]): TapSelector | undefined {
  const [first] = pods;
  const labels = commonLabels(pods);
  if (!first || Object.keys(labels).length === 0 || pods.some(({ namespace }) => namespace !== first.namespace)) return undefined;
  return { namespace: first.namespace, labels, name: `meshctl-tap-${sha256(JSON.stringify(labels)).slice(0, 10)}` };
}

function commonLabels(pods: readonly Resource[]): Readonly<Record<string, string>> {
  const [first, ...others] = pods;
  const common = Object.entries(first?.labels ?? {}).filter(
    ([key, value]) => !NOT_TELLING.test(key) && others.every(({ labels }) => labels[key] === value),
  );
  // The hash changes with the next rollout, whose pods belong to the workload too.
  const lasting = common.filter(([key]) => key !== 'pod-template-hash');
  return Object.fromEntries((lasting.length > 0 ? lasting : common).sort(([left], [right]) => (left < right ? -1 : 1)));
}
