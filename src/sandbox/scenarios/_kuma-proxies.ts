/** What Kuma's control plane makes its proxies do, as its API tells it, and the administration of those proxies. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isBody, itemsAt, numberAt, stringAt } from '../../model/body.ts';
import type { Inside, Programs } from '../options.ts';
import { httpServer } from '../programs/http-server.ts';
import type { KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import { SYSTEM } from './_kuma.ts';

const API_PORT = 5_681;
const ADMIN_PORT = 9_901;
const ADMIN = 'type.googleapis.com/envoy.admin.v3';
const CONFIG_PATH = /^\/meshes\/default\/dataplanes\/(.+)\.([^./]+)\/_config$/;

type Named = Readonly<Record<string, object>>;

interface Resources {
  readonly clusters: Named;
  readonly endpoints: Named;
  readonly listeners: Named;
}

const socket = (address: string, port_value: number): object => ({ socket_address: { address, port_value } });

const forward = (cluster: string): object => ({
  name: 'envoy.filters.network.tcp_proxy',
  typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', cluster, stat_prefix: cluster },
});

const listener = (name: string, address: object, cluster: string, traffic_direction: string): object => ({
  ...{ name, address, traffic_direction, filter_chains: [{ filters: [forward(cluster)] }] },
});

/** Ports of the pod itself, and of the services of its own namespace. */
function resourcesOf(pod: KubeObject, store: Store): Resources {
  const { namespace = '' } = pod.metadata;
  const [clusters, endpoints, listeners]: [Record<string, object>, Record<string, object>, Record<string, object>] = [{}, {}, {}];
  const own = itemsAt(pod, 'spec', 'containers').flatMap(({ item }) => itemsAt(item, 'ports'));
  for (const { item } of own) {
    const port = numberAt(item, 'containerPort') ?? 0;
    const [cluster, name] = [`localhost:${port}`, `inbound:${stringAt(pod, 'status', 'podIP')}:${port}`];
    const host = { endpoint: { address: socket('127.0.0.1', port) } };
    clusters[cluster] = {
      ...{ name: cluster, type: 'STATIC', connect_timeout: '10s' },
      load_assignment: { cluster_name: cluster, endpoints: [{ lb_endpoints: [host] }] },
    };
    listeners[name] = listener(name, socket(stringAt(pod, 'status', 'podIP') ?? '', port), cluster, 'INBOUND');
  }
  for (const service of store.list('core/Service', namespace)) {
    const hosts = itemsAt(store.get('core/Endpoints', namespace, service.metadata.name), 'subsets').flatMap(({ item }) =>
      itemsAt(item, 'addresses'),
    );
    for (const { item } of itemsAt(service, 'spec', 'ports')) {
      const port = numberAt(item, 'port') ?? 0;
      const cluster = `${service.metadata.name}_${namespace}_svc_${port}`;
      const [address, name] = [stringAt(service, 'spec', 'clusterIP') ?? '', `outbound:${stringAt(service, 'spec', 'clusterIP')}:${port}`];
      clusters[cluster] = {
        name: cluster,
        type: 'EDS',
        connect_timeout: '5s',
        eds_cluster_config: { eds_config: { ads: {}, resource_api_version: 'V3' } },
      };
      const lb_endpoints = hosts.map((each) => ({
        endpoint: { address: socket(stringAt(each.item, 'ip') ?? '', port) },
        load_balancing_weight: 1,
      }));
      endpoints[cluster] = { cluster_name: cluster, endpoints: [{ lb_endpoints }] };
      listeners[name] = listener(name, socket(address, port), cluster, 'OUTBOUND');
    }
  }
  return { clusters, endpoints, listeners };
}

/** The control plane writes protobuf's own names, Envoy those of the fields. */
function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (!isBody(value)) return value;
  const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.startsWith('@') ? key : camel(key), camelCased(inner)]));
}

const all = (resources: Named): object => Object.fromEntries(Object.entries(resources).map(([name, each]) => [name, camelCased(each)]));

const wanted = ({ clusters, endpoints, listeners }: Resources): object => ({
  xds: {
    'type.googleapis.com/envoy.config.cluster.v3.Cluster': all(clusters),
    'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment': all(endpoints),
    'type.googleapis.com/envoy.config.listener.v3.Listener': all(listeners),
  },
});

const held = ({ clusters, endpoints, listeners }: Resources): object => ({
  configs: [
    { '@type': `${ADMIN}.BootstrapConfigDump`, bootstrap: {} },
    {
      '@type': `${ADMIN}.ClustersConfigDump`,
      dynamic_active_clusters: Object.values(clusters).map((cluster) => ({ version_info: '1', cluster })),
    },
    {
      '@type': `${ADMIN}.EndpointsConfigDump`,
      dynamic_endpoint_configs: Object.values(endpoints).map((endpoint_config) => ({ endpoint_config })),
    },
    {
      '@type': `${ADMIN}.ListenersConfigDump`,
      dynamic_listeners: Object.entries(listeners).map(([name, each]) => ({ name, active_state: { version_info: '1', listener: each } })),
    },
    { '@type': `${ADMIN}.RoutesConfigDump` },
  ],
});

export function kumaProxies({ store }: Inside): Programs {
  const answer = (request: IncomingMessage, response: ServerResponse, body: (url: URL) => object | undefined): void => {
    request.resume();
    const found = body(new URL(request.url ?? '/', 'http://kuma'));
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? { title: 'Not found' }));
  };
  const openApi = httpServer((request, response) =>
    answer(request, response, ({ pathname }) => {
      const [, name = '', namespace = ''] = CONFIG_PATH.exec(decodeURIComponent(pathname)) ?? [];
      const pod = store.get('core/Pod', namespace, name);
      return pod && wanted(resourcesOf(pod, store));
    }),
  );
  const openAdmin = httpServer<KubeObject>((request, response, pod) =>
    answer(request, response, ({ pathname }) => (pathname === '/config_dump' ? held(resourcesOf(pod, store)) : undefined)),
  );
  return {
    dial: (pod, port) => {
      const { namespace, labels, annotations } = pod.metadata;
      if (namespace === SYSTEM && labels?.['app'] === 'kuma-control-plane') return port === API_PORT ? openApi(undefined) : undefined;
      return port === ADMIN_PORT && annotations?.['kuma.io/sidecar-injected'] === 'true' ? openAdmin(pod) : undefined;
    },
  };
}
