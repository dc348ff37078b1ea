/** istiod's ports for monitoring and debugging, which tell of its proxies and of what it sends them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { itemsAt, stringAt } from '../../model/body.ts';
import { parseYaml } from '../../text/yaml.ts';
import type { Inside } from '../options.ts';
import type { KubeObject } from '../store/object.ts';
import { ambientOf, isZtunnel } from './ambient.ts';
import { ambientPage } from './ambient-sent.ts';
import { nodeOf } from './bootstrap.ts';
import type { WorkloadCertificates } from './certificates.ts';
import { wantedDump } from './config-dump.ts';
import { type Pilot, type Subscription, TYPES } from './pilot.ts';
import { imageTag, isRunning, type MeshProxy } from './proxy.ts';

export interface Istiod {
  readonly inside: Inside;
  readonly pilot: Pilot;
  readonly certificates: WorkloadCertificates;
}

/** A question that an istiod is asked. */
interface Asked extends Istiod {
  readonly query: URLSearchParams;
  readonly pod: KubeObject;
}

type Page = (asked: Asked) => string | object | undefined;

/** Pages of the port 15014; undefined is an unknown proxy. */
const PAGES: Readonly<Record<string, Page>> = {
  '/version': ({ pod }) => `${imageTag(pod)}-0123456789abcdef-Clean`,
  '/ready': () => '',
  '/metrics': metrics,
  '/debug': () =>
    Object.keys(PAGES)
      .filter((path) => path.startsWith('/debug/'))
      .map((path) => `${path}\n`)
      .join(''),
  '/debug/list': () =>
    Object.keys(PAGES)
      .filter((path) => path.startsWith('/debug/'))
      .map((path) => path.slice('/debug/'.length)),
  '/debug/syncz': ({ query, ...asked }) =>
    [
      ...proxiesOf(asked).map((proxy) => ({ namespace: proxy.namespace, status: syncOf(proxy, asked.pilot) })),
      ...ztunnelsOf(asked).map((ztunnel) => ({ namespace: ztunnel.namespace, status: ztunnelSync(ztunnel, asked.pilot) })),
    ]
      .filter(({ namespace }) => [null, '', namespace].includes(query.get('namespace')))
      .map(({ status }) => status),
  '/debug/adsz': (asked) => ({
    totalClients: proxiesOf(asked).length,
    clients: proxiesOf(asked).map((proxy) => clientOf(proxy, asked.pilot)),
  }),
  '/debug/connections': (asked) => {
    const clients = [...proxiesOf(asked), ...ztunnelsOf(asked)].map(connectionOf);
    return { totalClients: clients.length, clients };
  },
  '/debug/ambientz': ({ inside, pilot }) =>
    ambientPage(
      inside.store.list('core/Pod').some(isZtunnel) ? ambientOf(inside.store, pilot.view()) : { workloads: [], services: [], policies: [] },
    ),
  '/debug/config_dump': (asked) => {
    const proxy = proxyIn(asked);
    // The generator for ztunnels answers nothing that they did not ask for themselves.
    if (!proxy) return connectedZtunnel(asked) && { configs: [] };
    return wantedDump(
      { proxy, pilot: asked.pilot, secrets: asked.certificates.secretsOf(proxy, asked.pilot.view()) },
      asked.query.has('include_eds'),
    );
  },
  '/debug/edsz': (asked) => {
    const proxy = proxyIn(asked);
    return proxy && asked.pilot.wanted(proxy).endpoints;
  },
  '/debug/registryz': ({ pilot }) =>
    pilot.view().services.map(({ name, namespace, host, clusterIp, ports }) => ({
      Attributes: { ServiceRegistry: 'Kubernetes', Name: name, Namespace: namespace },
      ports: ports.map((port) => ({ name: port.name, port: port.port, protocol: port.protocol.toUpperCase() })),
      hostname: host,
      clusterVIPs: { Addresses: { Kubernetes: [clusterIp] } },
      defaultAddress: clusterIp,
    })),
  '/debug/endpointz': endpoints,
  '/debug/endpointShardz': endpoints,
  '/debug/configz': ({ pilot }) =>
    ['AuthorizationPolicy', 'DestinationRule', 'EnvoyFilter', 'Gateway', 'PeerAuthentication', 'VirtualService'].flatMap((kind) =>
      pilot.view().configuration(kind),
    ),
  '/debug/clusterz': () => [{ id: 'Kubernetes', syncStatus: 'synced' }],
  '/debug/mesh': ({ inside }) =>
    parseYaml(stringAt(inside.store.get('core/ConfigMap', 'istio-system', 'istio'), 'data', 'mesh') ?? '{}') as object,
  '/debug/inject': ({ inside }) =>
    stringAt(inside.store.get('core/ConfigMap', 'istio-system', 'istio-sidecar-injector'), 'data', 'config') ?? '',
  '/debug/push_status': () => ({ ProxyStatus: {} }),
};

/** Those that are connected to this istiod. */
const ztunnelsOf = ({ inside, pilot, pod: own }: Pick<Asked, 'inside' | 'pilot' | 'pod'>): readonly Connected[] =>
  inside.store
    .list('core/Pod')
    .filter((pod) => isZtunnel(pod) && isRunning(pod))
    .map((pod) => ({
      ...{ pod, name: pod.metadata.name, namespace: pod.metadata.namespace ?? '', ip: stringAt(pod, 'status', 'podIP') ?? '' },
      revision: pod.metadata.labels?.['istio.io/rev'] ?? 'default',
    }))
    .filter((ztunnel) => pilot.istiodOf(ztunnel)?.metadata.uid === own.metadata.uid);

const byName = (left: MeshProxy, right: MeshProxy): number =>
  `${left.namespace}/${left.name}` < `${right.namespace}/${right.name}` ? -1 : 1;

/** Those that are connected to this istiod. */
export const proxiesOf = ({ pilot, pod }: Pick<Asked, 'pilot' | 'pod'>): readonly MeshProxy[] =>
  pilot
    .proxies()
    .filter((proxy) => pilot.istiodOf(proxy)?.metadata.uid === pod.metadata.uid)
    .sort(byName);

type Connected = Pick<MeshProxy, 'pod' | 'name' | 'namespace' | 'ip' | 'revision'>;

export const idOf = ({ name, namespace }: Connected): string => `${name}.${namespace}`;

const connectionId = (proxy: Connected): string => `${idOf(proxy)}-1`;

/** istiod is content with a part of the id of a connection. */
const isAsked = (proxy: Connected, { query }: Asked): boolean => {
  const id = query.get('proxyID') ?? '';
  return id !== '' && connectionId(proxy).includes(id);
};

const proxyIn = (asked: Asked): MeshProxy | undefined => proxiesOf(asked).find((proxy) => isAsked(proxy, asked));

const connectedZtunnel = (asked: Asked): Connected | undefined => ztunnelsOf(asked).find((ztunnel) => isAsked(ztunnel, asked));

/** Short names, which istiods before 1.25 had alone. */
const FIELDS: Readonly<Record<string, string>> = {
  [TYPES.CLUSTER]: 'cluster',
  [TYPES.LISTENER]: 'listener',
  [TYPES.ROUTE]: 'route',
  [TYPES.ENDPOINT]: 'endpoint',
};

function syncOf(proxy: MeshProxy, pilot: Pilot): object {
  const subscriptions = Object.entries(pilot.subscriptions(proxy));
  const legacy = subscriptions.flatMap(([type, { sent, acked }]) => {
    const field = FIELDS[type];
    return field === undefined || sent === ''
      ? []
      : [
          [`${field}_sent`, sent],
          [`${field}_acked`, acked],
        ];
  });
  return {
    ...{ cluster_id: 'Kubernetes', proxy: idOf(proxy), proxy_type: proxy.type, istio_version: proxy.version },
    ...Object.fromEntries(legacy),
    resources: Object.fromEntries(subscriptions.map(([type, subscription]) => [type, resourceStatus(subscription)])),
  };
}

/** A ztunnel has the addresses and policies of the whole mesh. */
function ztunnelSync({ name, namespace, pod }: Connected, pilot: Pilot): object {
  const nonce = pilot.version();
  const status = resourceStatus({ sent: nonce, acked: nonce, sentAt: pilot.pushedAt(), lastError: '', names: [] });
  return {
    ...{ cluster_id: 'Kubernetes', proxy: `${name}.${namespace}`, proxy_type: 'ztunnel', istio_version: imageTag(pod) },
    resources: { 'type.googleapis.com/istio.workload.Address': status, 'type.googleapis.com/istio.security.Authorization': status },
  };
}

/** Go leaves out empty texts, and writes the year 1 for no time. */
const resourceStatus = ({ sent, acked, sentAt, lastError }: Subscription): object => ({
  ...(sent === '' ? {} : { sent }),
  ...(acked === '' ? {} : { acked }),
  sentTime: sentAt === undefined ? '0001-01-01T00:00:00Z' : new Date(sentAt).toISOString(),
  ...(lastError === '' ? {} : { lastError }),
});

const connectionOf = (proxy: Connected): object => ({
  connectionId: connectionId(proxy),
  connectedAt: proxy.pod.metadata.creationTimestamp,
  address: `${proxy.ip}:51000`,
});

const clientOf = (proxy: MeshProxy, pilot: Pilot): object => ({
  ...connectionOf(proxy),
  labels: proxy.labels,
  metadata: (nodeOf(proxy) as { readonly metadata: object }).metadata,
  locality: {},
  watches: Object.fromEntries(Object.entries(pilot.subscriptions(proxy)).map(([type, { names }]) => [type, names])),
});

function endpoints({ pilot }: Asked): object {
  const shards = pilot.view().services.map(({ host, namespace, pods, ports }) => {
    const addresses = pods.flatMap((pod) =>
      ports.map(({ targetPort }) => ({ Addresses: [stringAt(pod, 'status', 'podIP')], EndpointPort: targetPort })),
    );
    return [host, { [namespace]: { Shards: { 'Kubernetes/Kubernetes': addresses }, ServiceAccounts: {} } }] as const;
  });
  return Object.fromEntries(shards);
}

/** The few that dashboards of istiod begin with. */
function metrics(asked: Asked): string {
  const { pilot, pod } = asked;
  const proxies = proxiesOf(asked);
  const rejects = proxies.filter((proxy) => pilot.held(proxy).rejected.length > 0).length;
  const write = (name: string, type: string, value: number, labels = ''): string => `# TYPE ${name} ${type}\n${name}${labels} ${value}\n`;
  return [
    write('istio_build', 'gauge', 1, `{component="pilot",tag="${imageTag(pod)}"}`),
    write('pilot_services', 'gauge', pilot.view().services.length),
    write('pilot_total_xds_rejects', 'counter', rejects),
    write('pilot_virt_services', 'gauge', pilot.view().configuration('VirtualService').length),
    write('pilot_xds', 'gauge', proxies.length, `{version="${imageTag(pod)}"}`),
  ].join('');
}

/** A setting of istiod by an environment variable of its container. */
export const settingOf = (pod: KubeObject, name: string): string | undefined =>
  itemsAt(pod, 'spec', 'containers', 0, 'env')
    .flatMap(({ item }) => (item['name'] === name ? (stringAt(item, 'value') ?? []) : []))
    .at(-1);

const READY_PORT = 8080;

export function answerIstiod(
  istiod: Istiod,
  request: IncomingMessage,
  response: ServerResponse,
  place: { readonly pod: KubeObject; readonly port: number },
): void {
  request.resume();
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://istiod');
  // The debug pages stand on both ports; the rest of them is the one's or the other's.
  const isThere = pathname.startsWith('/debug')
    ? settingOf(place.pod, 'ENABLE_DEBUG_ON_HTTP') !== 'false'
    : (pathname === '/ready') === (place.port === READY_PORT);
  const page = isThere ? PAGES[pathname] : undefined;
  const body = page?.({ ...istiod, query, pod: place.pod });
  if (body === undefined) {
    const [status, text] = !page
      ? [404, '404 page not found\n']
      : (query.get('proxyID') ?? '') === ''
        ? [400, 'You must provide a proxyID in the query string\n']
        : [404, 'Proxy not connected to this Pilot instance. It may be connected to another instance.\n'];
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
  } else if (typeof body === 'string') {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(body);
  } else {
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(body, undefined, query.has('pretty') ? 4 : undefined));
  }
}
