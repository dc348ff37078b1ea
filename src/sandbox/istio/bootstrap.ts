/** What a proxy of Istio is started with, before istiod tells it more. */
import { stringAt } from '../../model/body.ts';
import type { EnvoyCluster } from './clusters.ts';
import { type MeshProxy, nodeId, workloadOf } from './proxy.ts';

const address = (ip: string, port: number): object => ({ socket_address: { address: ip, port_value: port } });

/** Istio 1.27 was released with Envoy 1.35, and each version since with the next one. */
export function envoyVersion(istioVersion: string): string {
  const minor = Number(istioVersion.split('.')[1]);
  return `1.${Number.isFinite(minor) ? minor + 8 : 35}.0`;
}

export const nodeOf = (proxy: MeshProxy): object => {
  const { pod, name, namespace, labels, version, serviceAccount } = proxy;
  const workload = workloadOf(pod);
  const app = labels['app'] ?? workload;
  return {
    id: nodeId(proxy),
    cluster: `${app}.${namespace}`,
    metadata: {
      ...{ NAME: name, NAMESPACE: namespace, SERVICE_ACCOUNT: serviceAccount, WORKLOAD_NAME: workload, LABELS: labels },
      ...{ CLUSTER_ID: 'Kubernetes', MESH_ID: 'cluster.local', ISTIO_VERSION: version, INSTANCE_IPS: proxy.ip },
      ...{
        INTERCEPTION_MODE: 'REDIRECT',
        NODE_NAME: stringAt(pod, 'spec', 'nodeName') ?? '',
        ENVOY_PROMETHEUS_PORT: 15_090,
        ENVOY_STATUS_PORT: 15_021,
      },
      OWNER: `kubernetes://apis/apps/v1/namespaces/${namespace}/deployments/${workload}`,
      PROXY_CONFIG: {
        discoveryAddress: 'istiod.istio-system.svc:15012',
        serviceCluster: 'istio-proxy',
        statusPort: 15_020,
        proxyAdminPort: 15_000,
      },
    },
    locality: {},
    user_agent_name: 'envoy',
    user_agent_build_version: {
      version: versionNumbers(version),
      metadata: { 'revision.status': 'Clean', 'build.type': 'RELEASE', 'ssl.version': 'BoringSSL' },
    },
  };
};

const versionNumbers = (version: string): object => {
  const [major_number, minor_number, patch] = envoyVersion(version).split('.').map(Number);
  return { major_number, minor_number, patch };
};

export const bootstrap = (proxy: MeshProxy): object => ({
  node: nodeOf(proxy),
  static_resources: { listeners: staticListeners(), clusters: staticClusters() },
  dynamic_resources: {
    lds_config: { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' },
    cds_config: { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' },
    ads_config: {
      api_type: 'DELTA_GRPC',
      grpc_services: [{ envoy_grpc: { cluster_name: 'xds-grpc' } }],
      set_node_on_first_message_only: true,
      transport_api_version: 'V3',
    },
  },
  admin: { profile_path: '/var/lib/istio/data/envoy.prof', address: address('127.0.0.1', 15_000) },
});

interface StaticCluster extends EnvoyCluster {
  readonly load_assignment?: { readonly cluster_name: string };
}

function staticCluster(name: string, address: object): StaticCluster {
  const endpoints = [
    {
      locality: {},
      lb_endpoints: [{ endpoint: { address, health_check_config: {} }, health_status: 'HEALTHY', load_balancing_weight: 1 }],
    },
  ];
  return {
    '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
    name,
    type: 'STATIC',
    connect_timeout: '0.250s',
    load_assignment: { cluster_name: name, endpoints } as { readonly cluster_name: string },
  };
}

export const staticClusters = (): readonly StaticCluster[] => [
  staticCluster('prometheus_stats', address('127.0.0.1', 15_000)),
  staticCluster('agent', address('127.0.0.1', 15_020)),
  staticCluster('sds-grpc', { pipe: { path: './var/run/secrets/workload-spiffe-uds/socket' } }),
  staticCluster('xds-grpc', { pipe: { path: './etc/istio/proxy/XDS' } }),
];

const PROBES: readonly (readonly [port: number, prefix: string, path: string, cluster: string])[] = [
  [15_090, 'stats', '/stats/prometheus', 'prometheus_stats'],
  [15_021, 'agent', '/healthz/ready', 'agent'],
];

const probeRoutes = (path: string, cluster: string): object => ({
  virtual_hosts: [{ name: 'backend', domains: ['*'], routes: [{ match: { prefix: path }, route: { cluster } }] }],
});

export const staticRoutes = (): readonly object[] =>
  PROBES.map(([, , path, cluster]) => ({
    '@type': 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
    ...probeRoutes(path, cluster),
  }));

export const staticListeners = (): readonly object[] =>
  PROBES.map(([port, stat_prefix, path, cluster]) => ({
    '@type': 'type.googleapis.com/envoy.config.listener.v3.Listener',
    address: address('0.0.0.0', port),
    filter_chains: [
      {
        filters: [
          {
            name: 'envoy.filters.network.http_connection_manager',
            typed_config: {
              '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
              stat_prefix,
              route_config: probeRoutes(path, cluster),
              http_filters: [
                {
                  name: 'envoy.filters.http.router',
                  typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
                },
              ],
            },
          },
        ],
      },
    ],
  }));
