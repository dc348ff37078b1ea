/** What istiod answers to `istio.io/debug/…`: discovery responses whose resources are the states of proxies, or parts of a dump. */
import { message, type WrittenField } from '../programs/protobuf-writer.ts';
import type { KubeObject } from '../store/object.ts';
import { type Istiod, idOf, proxiesOf } from './istiod.ts';
import { type Subscription, TYPES } from './pilot.ts';
import type { MeshProxy } from './proxy.ts';
import { imageTag } from './proxy.ts';

const TYPE = 'type.googleapis.com/';

/** @param only proxies of a namespace; undefined for all */
export function syncStatus({ pilot }: Istiod, pod: KubeObject, only: string | undefined): Buffer {
  const proxies = proxiesOf({ pilot, pod }).filter(({ namespace }) => only === undefined || namespace === only);
  const resources = proxies.map((proxy) => {
    const metadata = { CLUSTER_ID: 'Kubernetes', ISTIO_VERSION: proxy.version, NAMESPACE: proxy.namespace };
    const node = message([1, idOf(proxy)], [3, struct(metadata)]);
    const configs = Object.entries(pilot.subscriptions(proxy)).sort();
    return any(
      `${TYPE}envoy.service.status.v3.ClientConfig`,
      message([1, node], ...configs.map(([type, state]) => [3, stateOf(type, state)] as const)),
    );
  });
  return response('istio.io/debug/syncz', pod, resources);
}

const STATUS = { SYNCED: 1, NOT_SENT: 2, STALE: 3, ERROR: 4 } as const;

function stateOf(type: string, { sent, acked, sentAt, lastError }: Subscription): Buffer {
  const status = lastError !== '' ? 'ERROR' : sent === '' ? 'NOT_SENT' : sent === acked ? 'SYNCED' : 'STALE';
  const error = lastError === '' ? undefined : message([2, time(sentAt)], [3, lastError]);
  return message([1, type], [5, time(sentAt)], [6, STATUS[status]], [8, error]);
}

/** Of each resource its name only: the sandbox has no other in the form of the wire. Empty for a proxy that is not connected here. */
export function configDump({ pilot }: Istiod, pod: KubeObject, names: readonly string[], only: string | undefined): Buffer {
  const [id] = names;
  const found = names.length === 1 ? proxiesOf({ pilot, pod }).find((proxy) => idOf(proxy) === id) : undefined;
  const proxy = found && (only === undefined || found.namespace === only) ? found : undefined;
  return response('istio.io/debug/config_dump', pod, proxy ? partsOf(proxy, pilot) : []);
}

function partsOf(proxy: MeshProxy, pilot: Istiod['pilot']): readonly Buffer[] {
  const { clusters, listeners, routes } = pilot.wanted(proxy);
  const version = pilot.version();
  const named = (type: string, name: string): Buffer => any(type, message([1, name]));
  const part = (kind: string, ...fields: readonly WrittenField[]): Buffer => any(`${TYPE}envoy.admin.v3.${kind}`, message(...fields));
  return [
    part(
      'ClustersConfigDump',
      [1, version],
      ...clusters.map(({ name }) => [3, message([1, version], [2, named(TYPES.CLUSTER, name)])] as const),
    ),
    part(
      'ListenersConfigDump',
      [1, version],
      ...listeners.map(({ name }) => [3, message([1, name], [2, message([1, version], [2, named(TYPES.LISTENER, name)])])] as const),
    ),
    part('RoutesConfigDump', ...routes.map(({ name }) => [3, message([1, version], [2, named(TYPES.ROUTE, name)])] as const)),
  ];
}

function response(type: string, pod: KubeObject, resources: readonly Buffer[]): Buffer {
  const identifier = JSON.stringify({ Component: 'istiod', ID: pod.metadata.name, Info: { version: imageTag(pod) } });
  const plane = type.endsWith('/syncz') ? message([1, identifier]) : undefined;
  return message([1, '1'], ...resources.map((resource) => [2, resource] as const), [4, type], [5, 'sandbox'], [6, plane]);
}

const any = (type: string, value: Buffer): Buffer => message([1, type], [2, value]);

const struct = (texts: Readonly<Record<string, string>>): Buffer =>
  message(...Object.entries(texts).map(([key, text]) => [1, message([1, key], [2, message([3, text])])] as const));

/** Go writes the year 1 for no time. */
function time(milliseconds = Date.parse('0001-01-01T00:00:00Z')): Buffer {
  const seconds = Math.floor(milliseconds / 1000);
  return message([1, seconds], [2, (milliseconds - seconds * 1000) * 1_000_000]);
}
