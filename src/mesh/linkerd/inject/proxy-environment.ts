/**
 * The environment of the proxy. Order matters: a variable refers to those before it only.
 * @see https://github.com/linkerd/linkerd2/blob/main/charts/partials/templates/_proxy.tpl
 */
import { isBody, listAt, objectAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { isSet, textAt } from './chart-values.ts';

/** @param namespace of the control plane */
export function proxyEnvironment(values: Body, namespace: string): readonly unknown[] {
  const of = (...path: string[]): string => textAt(values, 'proxy', ...path);
  const has = (...path: string[]): boolean => isSet(values, 'proxy', ...path);
  /** Left out when the value is empty. */
  const given = (name: string, ...path: string[]): readonly Body[] => (has(...path) ? [named(name, of(...path))] : []);
  const domain = textAt(values, 'clusterDomain');
  const trustDomain = textAt(values, 'identityTrustDomain') || domain;
  const identityOf = (account: string, home = namespace): string =>
    `${account}.${home}.serviceaccount.identity.${namespace}.${trustDomain}`;
  /** A part of the control plane reaches itself by way of its own pod. */
  const addressOf = (service: string, port: number, self: string): string =>
    of('component') === self ? `localhost.:${port}` : `${service}.${namespace}.svc.${domain}.:${port}`;
  const anywhere = isSet(values, 'disableIPv6') ? '0.0.0.0' : '[::]';
  const outbound = `127.0.0.1:${of('ports', 'outbound')}`;
  return [
    fromField('_pod_name', 'metadata.name'),
    fromField('_pod_ns', 'metadata.namespace'),
    fromField('_pod_uid', 'metadata.uid'),
    fromField('_pod_ip', 'status.podIP'),
    fromField('_pod_nodeName', 'spec.nodeName'),
    named('_pod_containerName', 'linkerd-proxy'),
    ...cores(values),
    ...given('LINKERD2_PROXY_INBOUND_PORTS_REQUIRE_IDENTITY', 'requireIdentityOnInboundPorts'),
    ...given('LINKERD2_PROXY_INBOUND_PORTS_REQUIRE_TLS', 'requireTLSOnInboundPorts'),
    named('LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED', of('enableShutdownEndpoint')),
    named('LINKERD2_PROXY_LOG', of('logLevel') + (of('logHTTPHeaders') === 'insecure' ? '' : ',[{headers}]=off,[{request}]=off')),
    named('LINKERD2_PROXY_LOG_FORMAT', of('logFormat')),
    named('LINKERD2_PROXY_DESTINATION_SVC_ADDR', addressOf('linkerd-dst-headless', 8086, 'linkerd-destination')),
    named('LINKERD2_PROXY_DESTINATION_PROFILE_NETWORKS', textAt(values, 'clusterNetworks')),
    named('LINKERD2_PROXY_POLICY_SVC_ADDR', addressOf('linkerd-policy', 8090, 'linkerd-destination')),
    named('LINKERD2_PROXY_POLICY_WORKLOAD', '{"ns":"$(_pod_ns)", "pod":"$(_pod_name)"}\n'),
    named('LINKERD2_PROXY_INBOUND_DEFAULT_POLICY', of('defaultInboundPolicy')),
    named('LINKERD2_PROXY_POLICY_CLUSTER_NETWORKS', textAt(values, 'clusterNetworks')),
    named('LINKERD2_PROXY_CONTROL_STREAM_INITIAL_TIMEOUT', of('control', 'streams', 'initialTimeout')),
    named('LINKERD2_PROXY_CONTROL_STREAM_IDLE_TIMEOUT', of('control', 'streams', 'idleTimeout')),
    named('LINKERD2_PROXY_CONTROL_STREAM_LIFETIME', of('control', 'streams', 'lifetime')),
    ...given('LINKERD2_PROXY_INBOUND_CONNECT_TIMEOUT', 'inboundConnectTimeout'),
    ...given('LINKERD2_PROXY_OUTBOUND_CONNECT_TIMEOUT', 'outboundConnectTimeout'),
    ...given('LINKERD2_PROXY_OUTBOUND_DISCOVERY_IDLE_TIMEOUT', 'outboundDiscoveryCacheUnusedTimeout'),
    ...given('LINKERD2_PROXY_INBOUND_DISCOVERY_IDLE_TIMEOUT', 'inboundDiscoveryCacheUnusedTimeout'),
    ...(has('disableOutboundProtocolDetectTimeout') ? [named('LINKERD2_PROXY_OUTBOUND_DETECT_TIMEOUT', '365d')] : []),
    ...(has('disableInboundProtocolDetectTimeout') ? [named('LINKERD2_PROXY_INBOUND_DETECT_TIMEOUT', '365d')] : []),
    named('LINKERD2_PROXY_CONTROL_LISTEN_ADDR', `${anywhere}:${of('ports', 'control')}`),
    named('LINKERD2_PROXY_ADMIN_LISTEN_ADDR', `${anywhere}:${of('ports', 'admin')}`),
    named('LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR', outbound),
    named('LINKERD2_PROXY_OUTBOUND_LISTEN_ADDRS', isSet(values, 'disableIPv6') ? outbound : `${outbound},[::1]:${of('ports', 'outbound')}`),
    named('LINKERD2_PROXY_INBOUND_LISTEN_ADDR', `${anywhere}:${of('ports', 'inbound')}`),
    fromField('LINKERD2_PROXY_INBOUND_IPS', 'status.podIPs'),
    named('LINKERD2_PROXY_INBOUND_PORTS', of('podInboundPorts')),
    ...(has('isGateway') ? [named('LINKERD2_PROXY_INBOUND_GATEWAY_SUFFIXES', `svc.${domain}.`)] : []),
    ...(has('isIngress') ? [named('LINKERD2_PROXY_INGRESS_MODE', 'true')] : []),
    named('LINKERD2_PROXY_DESTINATION_PROFILE_SUFFIXES', has('enableExternalProfiles') ? '.' : `svc.${domain}.`),
    named('LINKERD2_PROXY_INBOUND_ACCEPT_KEEPALIVE', '10000ms'),
    named('LINKERD2_PROXY_OUTBOUND_CONNECT_KEEPALIVE', '10000ms'),
    named('LINKERD2_PROXY_INBOUND_ACCEPT_USER_TIMEOUT', '30s'),
    named('LINKERD2_PROXY_OUTBOUND_CONNECT_USER_TIMEOUT', '30s'),
    named('LINKERD2_PROXY_OUTBOUND_METRICS_HOSTNAME_LABELS', of('metrics', 'hostnameLabels')),
    ...(has('tracing', 'enabled') ? tracing(objectAt(values, 'proxy', 'tracing'), identityOf) : []),
    ...parameters(values),
    ...given('LINKERD2_PROXY_INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION', 'opaquePorts'),
    named('LINKERD2_PROXY_DESTINATION_CONTEXT', '{"ns":"$(_pod_ns)", "nodeName":"$(_pod_nodeName)", "pod":"$(_pod_name)"}\n'),
    fromField('_pod_sa', 'spec.serviceAccountName'),
    named('_l5d_ns', namespace),
    named('_l5d_trustdomain', trustDomain),
    named('LINKERD2_PROXY_IDENTITY_DIR', '/var/run/linkerd/identity/end-entity'),
    has('loadTrustBundleFromConfigMap')
      ? {
          name: 'LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS',
          valueFrom: { configMapKeyRef: { name: 'linkerd-identity-trust-roots', key: 'ca-bundle.crt' } },
        }
      : named('LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS', `${textAt(values, 'identityTrustAnchorsPEM').trim()}\n`),
    named(
      'LINKERD2_PROXY_IDENTITY_TOKEN_FILE',
      isSet(values, 'identity', 'serviceAccountTokenProjection')
        ? '/var/run/secrets/tokens/linkerd-identity-token'
        : '/var/run/secrets/kubernetes.io/serviceaccount/token',
    ),
    named('LINKERD2_PROXY_IDENTITY_SVC_ADDR', addressOf('linkerd-identity-headless', 8080, 'linkerd-identity')),
    named('LINKERD2_PROXY_IDENTITY_LOCAL_NAME', identityOf('$(_pod_sa)', '$(_pod_ns)')),
    named('LINKERD2_PROXY_IDENTITY_SVC_NAME', identityOf('linkerd-identity')),
    named('LINKERD2_PROXY_DESTINATION_SVC_NAME', identityOf('linkerd-destination')),
    named('LINKERD2_PROXY_POLICY_SVC_NAME', identityOf('linkerd-destination')),
    ...given('LINKERD2_PROXY_ACCESS_LOG', 'accessLog'),
    ...given('LINKERD2_PROXY_SHUTDOWN_GRACE_PERIOD', 'shutdownGracePeriod'),
    ...listAt(values, 'proxy', 'additionalEnv'),
    ...listAt(values, 'proxy', 'experimentalEnv'),
  ];
}

const named = (name: string, value: string): Body => ({ name, value });
const fromField = (name: string, fieldPath: string): Body => ({ name, valueFrom: { fieldRef: { fieldPath } } });

function cores(values: Body): readonly Body[] {
  const fixed = textAt(values, 'proxy', 'cores');
  if (isSet(values, 'proxy', 'cores')) return [named('LINKERD2_PROXY_CORES', fixed), named('LINKERD2_PROXY_CORES_MIN', fixed)];
  const workers = objectAt(values, 'proxy', 'runtime', 'workers');
  if (Object.keys(workers).length === 0) return [];
  const least = isSet(workers, 'minimum') ? textAt(workers, 'minimum') : '1';
  return [
    named('LINKERD2_PROXY_CORES', least),
    named('LINKERD2_PROXY_CORES_MIN', least),
    ...(isSet(workers, 'maximum') ? [named('LINKERD2_PROXY_CORES_MAX', textAt(workers, 'maximum'))] : []),
    ...(isSet(workers, 'maximumCPURatio') ? [named('LINKERD2_PROXY_CORES_MAX_RATIO', textAt(workers, 'maximumCPURatio'))] : []),
  ];
}

function tracing(settings: Body, identityOf: (account: string, home: string) => string): readonly Body[] {
  const labels = Object.entries(objectAt(settings, 'labels')).sort(([left], [right]) => (left < right ? -1 : 1));
  const collector = (key: string): string => textAt(settings, 'collector', 'meshIdentity', key);
  return [
    named('LINKERD2_PROXY_TRACE_ATTRIBUTES_PATH', '/var/run/linkerd/podinfo/labels'),
    named('LINKERD2_PROXY_TRACE_ANNOTATIONS_PATH', '/var/run/linkerd/podinfo/annotations'),
    named('LINKERD2_PROXY_TRACE_PROTOCOL', textAt(settings, 'protocol') || 'opentelemetry'),
    named('LINKERD2_PROXY_TRACE_SERVICE_NAME', textAt(settings, 'traceServiceName')),
    named('LINKERD2_PROXY_TRACE_COLLECTOR_SVC_ADDR', textAt(settings, 'collector', 'endpoint')),
    named('LINKERD2_PROXY_TRACE_COLLECTOR_SVC_NAME', identityOf(collector('serviceAccountName'), collector('namespace'))),
    named('LINKERD2_PROXY_TRACE_EXTRA_ATTRIBUTES', labels.map(([key, value]) => `${key}=${String(value)}\n`).join('')),
  ];
}

/** `proxy.inbound.server.http2.keepAliveInterval` and its like, each a variable of its own. */
function parameters(values: Body): readonly Body[] {
  return ['inbound', 'outbound'].flatMap((direction) =>
    leaves(objectAt(values, 'proxy', direction), 3).map(([path, value]) =>
      named(`LINKERD2_PROXY_${[direction, ...path].map(upperSnake).join('_')}`, String(value)),
    ),
  );
}

/** Keys in order, as Go's templates range over a mapping. */
function leaves(value: Body, depth: number): readonly (readonly [path: readonly string[], value: unknown])[] {
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  if (depth === 1) return entries.map(([key, entry]) => [[key], entry] as const);
  return entries.flatMap(([key, entry]) =>
    isBody(entry) ? leaves(entry, depth - 1).map(([path, leaf]) => [[key, ...path], leaf] as const) : [],
  );
}

const upperSnake = (name: string): string => name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase();
