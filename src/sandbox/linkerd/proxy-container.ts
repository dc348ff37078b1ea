/** The containers that make a pod a member of the mesh, as the chart's partials write them. */
import {
  ADMIN_PORT,
  CLUSTER_NETWORKS,
  CONTROL_NAMESPACE,
  INBOUND_POLICY,
  identityName,
  OPAQUE_PORTS,
  PROXY_LOG,
  REGISTRY,
  TRUST_DOMAIN,
  VERSION,
} from './names.ts';

export interface ProxySettings {
  readonly version: string;
  /** PEM; from the ConfigMap, as in the control plane's own pods, when absent. */
  readonly trustAnchors?: string;
  readonly inboundPorts: readonly number[];
  readonly opaquePorts: string;
  readonly inboundPolicy: string;
  readonly logLevel: string;
  readonly hasShutdown: boolean;
  readonly skipInboundPorts: string;
  readonly skipOutboundPorts: string;
  readonly resources: object;
  readonly requireTlsPorts?: string;
  /** Parts of the control plane that run in the same pod. */
  readonly local?: readonly ('identity' | 'destination' | 'policy')[];
}

export const DEFAULT_SETTINGS: ProxySettings = {
  version: VERSION,
  inboundPorts: [],
  opaquePorts: OPAQUE_PORTS,
  inboundPolicy: INBOUND_POLICY,
  logLevel: PROXY_LOG,
  hasShutdown: false,
  skipInboundPorts: '4567,4568',
  skipOutboundPorts: '4567,4568',
  resources: {},
};

const probe = (path: string, initialDelaySeconds: number): object => ({
  httpGet: { path, port: ADMIN_PORT, scheme: 'HTTP' },
  ...{ initialDelaySeconds, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
});

const LOCKED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

const imageOf = (version: string): string => `${REGISTRY}/proxy:${version}`;

/** @param isNative an init container that keeps running; otherwise one among the others */
export function proxyContainer(settings: ProxySettings, isNative = true): object {
  return {
    name: 'linkerd-proxy',
    image: imageOf(settings.version),
    imagePullPolicy: 'IfNotPresent',
    env: environment(settings),
    ports: [
      { containerPort: 4143, name: 'linkerd-proxy', protocol: 'TCP' },
      { containerPort: ADMIN_PORT, name: 'linkerd-admin', protocol: 'TCP' },
    ],
    livenessProbe: probe('/live', 10),
    readinessProbe: probe('/ready', 2),
    ...(isNative ? { restartPolicy: 'Always', startupProbe: { ...probe('/ready', 0), failureThreshold: 120, periodSeconds: 1 } } : {}),
    resources: settings.resources,
    securityContext: { ...LOCKED, capabilities: { drop: ['ALL'] }, runAsUser: 2102 },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { mountPath: '/var/run/linkerd/identity/end-entity', name: 'linkerd-identity-end-entity' },
      { mountPath: '/var/run/secrets/tokens', name: 'linkerd-identity-token' },
    ],
  };
}

/** Redirects the pod's connections to the proxy. */
export function initContainer({ version, skipInboundPorts, skipOutboundPorts }: ProxySettings): object {
  const firewall = ['--firewall-bin-path', 'iptables-nft', '--firewall-save-bin-path', 'iptables-nft-save', '--ipv6=false'];
  const ports = ['--incoming-proxy-port', '4143', '--outgoing-proxy-port', '4140', '--proxy-uid', '2102'];
  const skipped = ['--inbound-ports-to-ignore', `4190,4191,${skipInboundPorts}`, '--outbound-ports-to-ignore', skipOutboundPorts];
  return {
    name: 'linkerd-init',
    image: imageOf(version),
    imagePullPolicy: 'IfNotPresent',
    command: ['/usr/lib/linkerd/linkerd2-proxy-init'],
    args: [...firewall, ...ports, ...skipped],
    resources: {},
    securityContext: {
      ...LOCKED,
      capabilities: { add: ['NET_ADMIN', 'NET_RAW'] },
      privileged: false,
      runAsUser: 65_534,
      runAsGroup: 65_534,
    },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [{ mountPath: '/run', name: 'linkerd-proxy-init-xtables-lock' }],
  };
}

export const PROXY_VOLUMES: readonly object[] = [
  { name: 'linkerd-proxy-init-xtables-lock', emptyDir: {} },
  { name: 'linkerd-identity-end-entity', emptyDir: { medium: 'Memory' } },
  {
    name: 'linkerd-identity-token',
    projected: {
      sources: [{ serviceAccountToken: { audience: 'identity.l5d.io', expirationSeconds: 86_400, path: 'linkerd-identity-token' } }],
    },
  },
];

type Variable = readonly [name: string, value: string | object];

const field = (fieldPath: string): object => ({ fieldRef: { apiVersion: 'v1', fieldPath } });

function environment(settings: ProxySettings): readonly object[] {
  const variables: readonly Variable[] = [...aboutPod, ...behaviour(settings), ...listening(settings), ...identity(settings)];
  return variables.map(([name, value]) => ({ name, ...(typeof value === 'string' ? { value } : { valueFrom: value }) }));
}

const aboutPod: readonly Variable[] = [
  ['_pod_name', field('metadata.name')],
  ['_pod_ns', field('metadata.namespace')],
  ['_pod_uid', field('metadata.uid')],
  ['_pod_ip', field('status.podIP')],
  ['_pod_nodeName', field('spec.nodeName')],
  ['_pod_containerName', 'linkerd-proxy'],
];

const service = (host: string, port: number, isLocal: boolean): string =>
  isLocal ? `localhost.:${port}` : `${host}.${CONTROL_NAMESPACE}.svc.${TRUST_DOMAIN}.:${port}`;

function behaviour({ requireTlsPorts, hasShutdown, logLevel, inboundPolicy, local = [] }: ProxySettings): readonly Variable[] {
  return [
    ['LINKERD2_PROXY_CORES', '1'],
    ['LINKERD2_PROXY_CORES_MIN', '1'],
    ...(requireTlsPorts === undefined ? [] : [['LINKERD2_PROXY_INBOUND_PORTS_REQUIRE_TLS', requireTlsPorts] as const]),
    ['LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED', String(hasShutdown)],
    ['LINKERD2_PROXY_LOG', logLevel],
    ['LINKERD2_PROXY_LOG_FORMAT', 'plain'],
    ['LINKERD2_PROXY_DESTINATION_SVC_ADDR', service('linkerd-dst-headless', 8086, local.includes('destination'))],
    ['LINKERD2_PROXY_DESTINATION_PROFILE_NETWORKS', CLUSTER_NETWORKS],
    ['LINKERD2_PROXY_POLICY_SVC_ADDR', service('linkerd-policy', 8090, local.includes('policy'))],
    ['LINKERD2_PROXY_POLICY_WORKLOAD', '{"ns":"$(_pod_ns)", "pod":"$(_pod_name)"}\n'],
    ['LINKERD2_PROXY_INBOUND_DEFAULT_POLICY', inboundPolicy],
    ['LINKERD2_PROXY_POLICY_CLUSTER_NETWORKS', CLUSTER_NETWORKS],
    ['LINKERD2_PROXY_CONTROL_STREAM_INITIAL_TIMEOUT', '3s'],
    ['LINKERD2_PROXY_CONTROL_STREAM_IDLE_TIMEOUT', '5m'],
    ['LINKERD2_PROXY_CONTROL_STREAM_LIFETIME', '1h'],
    ['LINKERD2_PROXY_INBOUND_CONNECT_TIMEOUT', '100ms'],
    ['LINKERD2_PROXY_OUTBOUND_CONNECT_TIMEOUT', '1000ms'],
    ['LINKERD2_PROXY_OUTBOUND_DISCOVERY_IDLE_TIMEOUT', '5s'],
    ['LINKERD2_PROXY_INBOUND_DISCOVERY_IDLE_TIMEOUT', '90s'],
  ];
}

function listening({ inboundPorts, opaquePorts }: ProxySettings): readonly Variable[] {
  return [
    ['LINKERD2_PROXY_CONTROL_LISTEN_ADDR', '0.0.0.0:4190'],
    ['LINKERD2_PROXY_ADMIN_LISTEN_ADDR', `0.0.0.0:${ADMIN_PORT}`],
    ['LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR', '127.0.0.1:4140'],
    ['LINKERD2_PROXY_OUTBOUND_LISTEN_ADDRS', '127.0.0.1:4140'],
    ['LINKERD2_PROXY_INBOUND_LISTEN_ADDR', '0.0.0.0:4143'],
    ['LINKERD2_PROXY_INBOUND_IPS', field('status.podIPs')],
    ['LINKERD2_PROXY_INBOUND_PORTS', inboundPorts.join(',')],
    ['LINKERD2_PROXY_DESTINATION_PROFILE_SUFFIXES', `svc.${TRUST_DOMAIN}.`],
    ['LINKERD2_PROXY_INBOUND_ACCEPT_KEEPALIVE', '10000ms'],
    ['LINKERD2_PROXY_OUTBOUND_CONNECT_KEEPALIVE', '10000ms'],
    ['LINKERD2_PROXY_INBOUND_ACCEPT_USER_TIMEOUT', '30s'],
    ['LINKERD2_PROXY_OUTBOUND_CONNECT_USER_TIMEOUT', '30s'],
    ['LINKERD2_PROXY_OUTBOUND_METRICS_HOSTNAME_LABELS', 'false'],
    ['LINKERD2_PROXY_INBOUND_SERVER_HTTP2_KEEP_ALIVE_INTERVAL', '10s'],
    ['LINKERD2_PROXY_INBOUND_SERVER_HTTP2_KEEP_ALIVE_TIMEOUT', '3s'],
    ['LINKERD2_PROXY_OUTBOUND_SERVER_HTTP2_KEEP_ALIVE_INTERVAL', '10s'],
    ['LINKERD2_PROXY_OUTBOUND_SERVER_HTTP2_KEEP_ALIVE_TIMEOUT', '3s'],
    ['LINKERD2_PROXY_INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION', opaquePorts],
    ['LINKERD2_PROXY_DESTINATION_CONTEXT', '{"ns":"$(_pod_ns)", "nodeName":"$(_pod_nodeName)", "pod":"$(_pod_name)"}\n'],
  ];
}

function identity({ trustAnchors, local = [] }: ProxySettings): readonly Variable[] {
  const controller = identityName('linkerd-destination', CONTROL_NAMESPACE);
  return [
    ['_pod_sa', field('spec.serviceAccountName')],
    ['_l5d_ns', CONTROL_NAMESPACE],
    ['_l5d_trustdomain', TRUST_DOMAIN],
    ['LINKERD2_PROXY_IDENTITY_DIR', '/var/run/linkerd/identity/end-entity'],
    [
      'LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS',
      trustAnchors ?? { configMapKeyRef: { name: 'linkerd-identity-trust-roots', key: 'ca-bundle.crt' } },
    ],
    ['LINKERD2_PROXY_IDENTITY_TOKEN_FILE', '/var/run/secrets/tokens/linkerd-identity-token'],
    ['LINKERD2_PROXY_IDENTITY_SVC_ADDR', service('linkerd-identity-headless', 8080, local.includes('identity'))],
    ['LINKERD2_PROXY_IDENTITY_LOCAL_NAME', identityName('$(_pod_sa)', '$(_pod_ns)')],
    ['LINKERD2_PROXY_IDENTITY_SVC_NAME', identityName('linkerd-identity', CONTROL_NAMESPACE)],
    ['LINKERD2_PROXY_DESTINATION_SVC_NAME', controller],
    ['LINKERD2_PROXY_POLICY_SVC_NAME', controller],
  ];
}
