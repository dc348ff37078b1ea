/** Route configurations, as istiod makes them from services and VirtualServices. */
import { itemsAt, numberAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import type { KubeObject } from '../store/object.ts';
import { clusterName } from './clusters.ts';
import type { MeshProxy } from './proxy.ts';
import { fullHost, hostsOf, istioMetadata, type MeshService, type MeshView } from './view.ts';

const ROUTES = 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration';

export interface RouteConfiguration {
  readonly name: string;
  readonly virtual_hosts: readonly object[];
  readonly [field: string]: unknown;
}

const NO_LIMIT = { timeout: '0s', max_grpc_timeout: '0s' };
const RETRIES = {
  retry_on: 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes',
  num_retries: 2,
  retry_host_predicate: [{ name: 'envoy.retry_host_predicates.previous_hosts' }],
  host_selection_retry_max_attempts: '5',
};

export interface GatewayServer {
  readonly gateway: KubeObject;
  readonly port: number;
  readonly portName: string;
  readonly protocol: string;
  readonly hosts: readonly string[];
  /** The Secret with the certificate that it shows. */
  readonly credential: string | undefined;
}

/** The servers of Gateways that select the proxy. */
export function serversOf(proxy: MeshProxy, view: MeshView): readonly GatewayServer[] {
  return view
    .configuration('Gateway')
    .filter((gateway) => labelsMatch(objectAt(gateway, 'spec', 'selector') as Record<string, string>, proxy.labels))
    .flatMap((gateway) =>
      itemsAt(gateway, 'spec', 'servers').map(({ item }) => ({
        gateway,
        port: numberAt(item, 'port', 'number') ?? 0,
        portName: stringAt(item, 'port', 'name') ?? '',
        protocol: stringAt(item, 'port', 'protocol') ?? 'HTTP',
        hosts: stringsAt(item, 'hosts').map(({ value }) => value.split('/').at(-1) ?? value),
        credential: stringAt(item, 'tls', 'credentialName'),
      })),
    );
}

export const gatewayRouteName = ({ gateway, port, portName, protocol }: GatewayServer, proxy: MeshProxy, view: MeshView): string =>
  protocol === 'HTTPS'
    ? `https.${port}.${portName}.${gateway.metadata.name}.${gateway.metadata.namespace}`
    : `http.${listenPort(proxy, port, view)}`;

/** The port that a gateway's pod listens on for a port that Gateways name: its Service leads there. */
export function listenPort(proxy: MeshProxy, port: number, view: MeshView): number {
  const own = view.services.filter(({ pods }) => pods.some((pod) => pod.metadata.uid === proxy.pod.metadata.uid));
  return own.flatMap(({ ports }) => ports).find((each) => each.port === port)?.targetPort ?? port;
}

export function routesFor(proxy: MeshProxy, view: MeshView): readonly RouteConfiguration[] {
  return proxy.type === 'sidecar' ? sidecarRoutes(proxy, view) : gatewayRoutes(proxy, view);
}

function sidecarRoutes(proxy: MeshProxy, view: MeshView): readonly RouteConfiguration[] {
  const ports = [
    ...new Set(view.services.flatMap((service) => service.ports.filter(({ protocol }) => protocol === 'http').map(({ port }) => port))),
  ];
  return ports
    .sort((left, right) => left - right)
    .map((port) => ({
      '@type': ROUTES,
      name: String(port),
      virtual_hosts: [
        ...view.services
          .filter((service) => service.ports.some((each) => each.port === port && each.protocol === 'http'))
          .map((service) => virtualHost(service, port, proxy, view)),
        {
          name: 'allow_any',
          domains: ['*'],
          routes: [{ name: 'allow_any', match: { prefix: '/' }, route: { cluster: 'PassthroughCluster', ...NO_LIMIT } }],
          include_request_attempt_count: true,
        },
      ],
      validate_clusters: false,
      max_direct_response_body_size_bytes: 1_048_576,
      ignore_port_in_host_matching: true,
    }));
}

function virtualHost(service: MeshService, port: number, proxy: MeshProxy, view: MeshView): object {
  const rule = view
    .configuration('VirtualService')
    .find((each) => servesMesh(each) && hostsOf(each).some((host) => fullHost(host, each.metadata.namespace ?? '') === service.host));
  return {
    name: `${service.host}:${port}`,
    domains: domainsOf(service, proxy.namespace),
    routes: rule ? configuredRoutes(rule, port) : [defaultRoute(service.host, port)],
    include_request_attempt_count: true,
  };
}

const servesMesh = (rule: KubeObject): boolean => {
  const gateways = stringsAt(rule, 'spec', 'gateways').map(({ value }) => value);
  return gateways.length === 0 || gateways.includes('mesh');
};

function domainsOf({ host, name, namespace, clusterIp }: MeshService, from: string): readonly string[] {
  const near = namespace === from ? [name] : [];
  return [host, ...near, `${name}.${namespace}.svc`, `${name}.${namespace}`, ...(/^\d/.test(clusterIp) ? [clusterIp] : [])];
}

const defaultRoute = (host: string, port: number): object => ({
  name: 'default',
  match: { prefix: '/' },
  route: { cluster: clusterName('outbound', port, '', host), ...NO_LIMIT, retry_policy: RETRIES },
  decorator: { operation: `${host}:${port}/*` },
});

function configuredRoutes(rule: KubeObject, port: number): readonly object[] {
  return itemsAt(rule, 'spec', 'http').flatMap(({ item }) => {
    const matches = itemsAt(item, 'match').map((each) => each.item);
    return (matches.length === 0 ? [{}] : matches).map((match) => ({
      ...(stringAt(item, 'name') === undefined ? {} : { name: stringAt(item, 'name') }),
      match: matchOf(match),
      ...actionOf(item, rule, port),
      metadata: istioMetadata(rule),
      decorator: { operation: operationOf(item, rule) },
    }));
  });
}

function matchOf(match: object): object {
  const uri = objectAt(match, 'uri');
  const headers = Object.entries(objectAt(match, 'headers')).map(([name, value]) => ({ name, string_match: stringMatch(objectAt(value)) }));
  const method = stringAt(match, 'method', 'exact');
  const all = [...headers, ...(method === undefined ? [] : [{ name: ':method', string_match: { exact: method } }])];
  const path =
    stringAt(uri, 'exact') !== undefined
      ? { path: stringAt(uri, 'exact') }
      : stringAt(uri, 'regex') !== undefined
        ? { safe_regex: { regex: stringAt(uri, 'regex') } }
        : prefixMatch(stringAt(uri, 'prefix') ?? '/');
  return { ...path, case_sensitive: true, ...(all.length > 0 ? { headers: all } : {}) };
}

/** A prefix without a slash at its end ends where a part of the path does. */
const prefixMatch = (prefix: string): object => (prefix === '/' || prefix.endsWith('/') ? { prefix } : { path_separated_prefix: prefix });

const stringMatch = (value: object): object =>
  stringAt(value, 'regex') === undefined ? { ...value } : { safe_regex: { regex: stringAt(value, 'regex') } };

function actionOf(route: object, rule: KubeObject, port: number): object {
  const redirect = objectAt(route, 'redirect');
  if (Object.keys(redirect).length > 0)
    return { redirect: { host_redirect: stringAt(redirect, 'authority'), path_redirect: stringAt(redirect, 'uri') } };
  const destinations = itemsAt(route, 'route').map(({ item }) => ({
    cluster: destinationCluster(objectAt(item, 'destination'), rule, port),
    weight: numberAt(item, 'weight') ?? 100,
  }));
  const [first, ...rest] = destinations;
  const target =
    rest.length === 0
      ? { cluster: first?.cluster ?? 'BlackHoleCluster' }
      : {
          weighted_clusters: {
            clusters: destinations.map(({ cluster, weight }) => ({ name: cluster, weight })),
            total_weight: destinations.reduce((sum, { weight }) => sum + weight, 0),
          },
        };
  const timeout = stringAt(route, 'timeout');
  const attempts = numberAt(route, 'retries', 'attempts');
  return {
    route: {
      ...target,
      ...NO_LIMIT,
      ...(timeout === undefined ? {} : { timeout, max_grpc_timeout: timeout }),
      retry_policy: { ...RETRIES, ...(attempts === undefined ? {} : { num_retries: attempts }) },
      ...(stringAt(route, 'rewrite', 'uri') === undefined ? {} : { prefix_rewrite: stringAt(route, 'rewrite', 'uri') }),
    },
  };
}

function destinationCluster(destination: object, rule: KubeObject, port: number): string {
  const host = fullHost(stringAt(destination, 'host') ?? '', rule.metadata.namespace ?? '');
  return clusterName('outbound', numberAt(destination, 'port', 'number') ?? port, stringAt(destination, 'subset') ?? '', host);
}

const operationOf = (route: object, rule: KubeObject): string =>
  `${fullHost(stringAt(itemsAt(route, 'route')[0]?.item, 'destination', 'host') ?? '', rule.metadata.namespace ?? '')}:*/*`;

/** Gateways of plain HTTP on one port share a route configuration. */
function gatewayRoutes(proxy: MeshProxy, view: MeshView): readonly RouteConfiguration[] {
  const servers = serversOf(proxy, view).filter(({ protocol }) => protocol.startsWith('HTTP'));
  const names = [...new Set(servers.map((server) => gatewayRouteName(server, proxy, view)))];
  return names.map((name) => {
    const own = servers.filter((server) => gatewayRouteName(server, proxy, view) === name);
    const port = own[0]?.port ?? 0;
    const hosts = new Map(own.flatMap((server) => gatewayHosts(server, view)).map((entry) => [entry.host, entry.rule]));
    return {
      '@type': ROUTES,
      name,
      virtual_hosts:
        hosts.size === 0
          ? [{ name: `blackhole:${port}`, domains: ['*'], routes: [] }]
          : [...hosts].map(([host, rule]) => ({
              name: `${host}:${port}`,
              domains: [host],
              routes: configuredRoutes(rule, port),
              include_request_attempt_count: true,
            })),
      validate_clusters: false,
      max_direct_response_body_size_bytes: 1_048_576,
      ignore_port_in_host_matching: true,
    };
  });
}

function gatewayHosts({ gateway, hosts }: GatewayServer, view: MeshView): readonly { readonly host: string; readonly rule: KubeObject }[] {
  const { name, namespace } = gateway.metadata;
  const isBound = (rule: KubeObject): boolean =>
    stringsAt(rule, 'spec', 'gateways').some(
      ({ value }) => value === `${namespace}/${name}` || (value === name && rule.metadata.namespace === namespace),
    );
  return view
    .configuration('VirtualService')
    .filter(isBound)
    .flatMap((rule) => hostsOf(rule).map((host) => ({ rule, host: fullHost(host, rule.metadata.namespace ?? '') })))
    .filter(({ host }) => hosts.some((each) => each === '*' || each === host || (each.startsWith('*.') && host.endsWith(each.slice(1)))));
}
