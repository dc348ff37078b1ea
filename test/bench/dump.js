/** A made-up config dump of an Envoy of any size: a Service is a cluster, endpoints and a virtual host with routes. */

const issuer = (kind, namespace, name) => ({
  filter_metadata: { istio: { config: `/apis/networking.istio.io/v1/namespaces/${namespace}/${kind}/${name}` } },
});

function service(index) {
  const [name, namespace] = [`app-${index}`, `team-${index % 40}`];
  const host = `${name}.${namespace}.svc.cluster.local`;
  const cluster = `outbound|8080|v1|${host}`;
  return {
    cluster: {
      version_info: '2026-01-01T00:00:00Z/7',
      cluster: {
        '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
        name: cluster,
        type: 'EDS',
        eds_cluster_config: { eds_config: { ads: {}, resource_api_version: 'V3' }, service_name: cluster },
        connect_timeout: '10s',
        circuit_breakers: { thresholds: [{ max_connections: 4294967295, max_requests: 4294967295, track_remaining: true }] },
        metadata: issuer('destination-rule', namespace, name),
      },
      last_updated: '2026-01-01T00:00:00.000Z',
    },
    endpoints: {
      endpoint_config: {
        '@type': 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
        cluster_name: cluster,
        endpoints: [
          {
            locality: { region: 'region1', zone: 'zone1' },
            lb_endpoints: Array.from({ length: 4 }, (_, pod) => ({
              endpoint: { address: { socket_address: { address: `10.${index % 200}.${(index >> 8) % 200}.${pod}`, port_value: 8080 } } },
              health_status: 'HEALTHY',
              load_balancing_weight: 1,
            })),
          },
        ],
      },
    },
    host: {
      name: `${host}:8080`,
      domains: [host, name, `${name}.${namespace}`, `${name}.${namespace}.svc`, `10.0.${(index >> 8) % 200}.${index % 200}`],
      routes: [
        {
          match: { prefix: '/', headers: [{ name: 'x-canary', string_match: { exact: 'true' } }], case_sensitive: true },
          route: {
            weighted_clusters: {
              clusters: [
                { name: cluster, weight: 90 },
                { name: cluster.replace('v1', 'v2'), weight: 10 },
              ],
            },
            timeout: '5s',
          },
          metadata: issuer('virtual-service', namespace, name),
          decorator: { operation: `${host}:8080/*` },
        },
        {
          match: { safe_regex: { regex: `/v[0-9]+/${name}/.*` } },
          route: { cluster, timeout: '0s', retry_policy: { retry_on: '5xx', num_retries: 2 } },
          name: 'default',
        },
      ],
      include_request_attempt_count: true,
    },
  };
}

const SERVICES_PER_ROUTE_CONFIG = 200;
const TYPE = 'type.googleapis.com/envoy.admin.v3';

/** @returns the text of a dump of at least so many bytes, as Envoy indents it, and how many routes are in it */
export function dumpText(bytes) {
  const sample = JSON.stringify([service(1)], undefined, 1).length;
  const services = Array.from({ length: Math.ceil(bytes / sample) }, (_, index) => service(index));
  const routes = [];
  for (let first = 0; first < services.length; first += SERVICES_PER_ROUTE_CONFIG) {
    const hosts = services.slice(first, first + SERVICES_PER_ROUTE_CONFIG).map(({ host }) => host);
    const route_config = {
      '@type': 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
      name: String(8080 + first),
      virtual_hosts: hosts,
    };
    routes.push({ version_info: '7', route_config, last_updated: '2026-01-01T00:00:00.000Z' });
  }
  const configs = [
    { '@type': `${TYPE}.ClustersConfigDump`, dynamic_active_clusters: services.map(({ cluster }) => cluster) },
    { '@type': `${TYPE}.EndpointsConfigDump`, dynamic_endpoint_configs: services.map(({ endpoints }) => endpoints) },
    { '@type': `${TYPE}.RoutesConfigDump`, dynamic_route_configs: routes },
  ];
  return { text: JSON.stringify({ configs }, undefined, 1), routes: services.length * 2 };
}
