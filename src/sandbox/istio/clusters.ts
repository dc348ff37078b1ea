/** Clusters and their endpoints, as istiod makes them for one proxy. */
import { numberAt, objectAt, stringAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import type { KubeObject } from '../store/object.ts';
import { type MeshProxy, proxyOf, workloadOf } from './proxy.ts';
import { istioMetadata, type MeshService, type MeshView, type ServicePort, subsetsOf } from './view.ts';

const CLUSTER = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3';

export interface EnvoyCluster {
  readonly name: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

interface Outbound {
  readonly service: MeshService;
  readonly port: ServicePort;
  readonly subset: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly rule: KubeObject | undefined;
}

export const clusterName = (direction: 'outbound' | 'inbound', port: number, subset = '', host = ''): string =>
  `${direction}|${port}|${subset}|${host}`;

/** The name ends with a mark by which it is told from the rest of a counter's name: both have dots. */
export const statName = (name: string): string => `${name};`;

/** Every service, port and subset that a proxy may send to. */
function outboundsOf(view: MeshView): readonly Outbound[] {
  return view.services.flatMap((service) => {
    const rule = view.destinationRule(service.host);
    const subsets = [{ name: '', labels: {} }, ...subsetsOf(rule)];
    return service.ports.flatMap((port) => subsets.map(({ name, labels }) => ({ service, port, subset: name, labels, rule })));
  });
}

const nameOf = ({ service, port, subset }: Outbound): string => clusterName('outbound', port.port, subset, service.host);

const podsOf = ({ service, labels }: Outbound): readonly KubeObject[] =>
  service.pods.filter((pod) => labelsMatch(labels, pod.metadata.labels ?? {}));

export function clustersFor(proxy: MeshProxy, view: MeshView): readonly EnvoyCluster[] {
  const inbound =
    proxy.type === 'sidecar' ? view.services.filter(({ pods }) => pods.some((pod) => pod.metadata.uid === proxy.pod.metadata.uid)) : [];
  return [
    { '@type': CLUSTER, name: 'BlackHoleCluster', alt_stat_name: statName('BlackHoleCluster'), type: 'STATIC', connect_timeout: '10s' },
    ...(proxy.type === 'sidecar' ? [passthrough('InboundPassthroughCluster')] : []),
    ...(proxy.type === 'sidecar' ? [passthrough('PassthroughCluster')] : []),
    ...unique(inbound.flatMap((service) => service.ports.map((port) => inboundCluster(service, port)))),
    ...outboundsOf(view).map(outboundCluster),
  ];
}

/** Services may share a port of a pod. */
const unique = (clusters: readonly EnvoyCluster[]): readonly EnvoyCluster[] => [
  ...new Map(clusters.map((cluster) => [cluster.name, cluster])).values(),
];

const passthrough = (name: string): EnvoyCluster => ({
  '@type': CLUSTER,
  name,
  alt_stat_name: statName(name),
  type: 'ORIGINAL_DST',
  connect_timeout: '10s',
  lb_policy: 'CLUSTER_PROVIDED',
  circuit_breakers: {
    thresholds: [
      {
        max_connections: 4_294_967_295,
        max_pending_requests: 4_294_967_295,
        max_requests: 4_294_967_295,
        max_retries: 4_294_967_295,
        track_remaining: true,
      },
    ],
  },
});

const inboundCluster = (service: MeshService, port: ServicePort): EnvoyCluster => ({
  '@type': CLUSTER,
  name: clusterName('inbound', port.targetPort),
  alt_stat_name: statName(clusterName('inbound', port.targetPort)),
  type: 'ORIGINAL_DST',
  connect_timeout: '10s',
  lb_policy: 'CLUSTER_PROVIDED',
  upstream_bind_config: { source_address: { address: '127.0.0.6', port_value: 0 } },
  metadata: istioMetadata(undefined, { services: [identityOf(service)] }),
});

const identityOf = ({ host, name, namespace }: MeshService): object => ({ host, name, namespace });

function outboundCluster(outbound: Outbound): EnvoyCluster {
  const { service, port, subset, rule } = outbound;
  const policy = objectAt(rule, 'spec', 'trafficPolicy');
  const name = nameOf(outbound);
  const requests = numberAt(policy, 'connectionPool', 'http', 'http2MaxRequests');
  return {
    '@type': CLUSTER,
    name,
    alt_stat_name: statName(name),
    type: 'EDS',
    eds_cluster_config: { eds_config: { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' }, service_name: name },
    connect_timeout: '10s',
    lb_policy: 'LEAST_REQUEST',
    circuit_breakers: {
      thresholds: [
        {
          max_connections: 4_294_967_295,
          max_pending_requests: 4_294_967_295,
          max_requests: requests ?? 4_294_967_295,
          max_retries: 4_294_967_295,
          track_remaining: true,
        },
      ],
    },
    ...tlsOf(stringAt(policy, 'tls', 'mode'), outbound),
    metadata: istioMetadata(rule, {
      services: [identityOf(service)],
      ...(subset === '' ? {} : { subset }),
      default_original_port: port.port,
    }),
    common_lb_config: { locality_weighted_lb_config: {} },
  };
}

/** Without a mode of their own clients use mutual TLS with everyone who can. */
function tlsOf(mode: string | undefined, { service, port, subset }: Outbound): object {
  if (mode === 'DISABLE') return {};
  const secret = (name: string): object => ({
    name,
    sds_config: {
      api_config_source: { api_type: 'GRPC', grpc_services: [{ envoy_grpc: { cluster_name: 'sds-grpc' } }] },
      resource_api_version: 'V3',
    },
  });
  const context = {
    '@type': `${TLS}.UpstreamTlsContext`,
    common_tls_context: {
      alpn_protocols: ['istio-peer-exchange', 'istio'],
      tls_certificate_sds_secret_configs: [secret('default')],
      combined_validation_context: { default_validation_context: {}, validation_context_sds_secret_config: secret('ROOTCA') },
    },
    sni: `outbound_.${port.port}_.${subset}_.${service.host}`,
  };
  const tls = { name: 'envoy.transport_sockets.tls', typed_config: context };
  if (mode === 'ISTIO_MUTUAL' || mode === 'MUTUAL') return { transport_socket: tls };
  const raw = {
    name: 'envoy.transport_sockets.raw_buffer',
    typed_config: { '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer' },
  };
  return {
    transport_socket_matches: [
      { name: 'tlsMode-istio', match: { tlsMode: 'istio' }, transport_socket: tls },
      { name: 'tlsMode-disabled', match: {}, transport_socket: raw },
    ],
  };
}

const ASSIGNMENT = 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment';

export function endpointsFor(view: MeshView): readonly (object & { readonly cluster_name: string })[] {
  return outboundsOf(view).map((outbound) => ({
    '@type': ASSIGNMENT,
    cluster_name: nameOf(outbound),
    endpoints: [
      {
        locality: {},
        lb_endpoints: podsOf(outbound).map((pod) => endpoint(pod, outbound.port)),
        load_balancing_weight: podsOf(outbound).length,
      },
    ],
    policy: { overprovisioning_factor: 140 },
  }));
}

function endpoint(pod: KubeObject, { targetPort }: ServicePort): object {
  const { labels = {}, namespace } = pod.metadata;
  const [app, version] = [labels['app'] ?? pod.metadata.name, labels['version'] ?? 'latest'];
  const workload = [workloadOf(pod), namespace, app, version, 'Kubernetes'].join(';');
  return {
    endpoint: {
      address: { socket_address: { address: stringAt(pod, 'status', 'podIP'), port_value: targetPort } },
      health_check_config: {},
    },
    health_status: 'HEALTHY',
    metadata: {
      filter_metadata: { istio: { workload }, ...(proxyOf(pod) ? { 'envoy.transport_socket_match': { tlsMode: 'istio' } } : {}) },
    },
    load_balancing_weight: 1,
  };
}
